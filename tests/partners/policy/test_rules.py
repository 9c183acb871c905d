"""Bands: every revenue is in exactly one, and what is proposed can always be put in force."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.policy.rules import (
    Band,
    Rules,
    band_problems,
    propose_bands,
    rounded,
    starts_of,
    visit_problems,
)
from partners.standing.rules import band_of

amounts = st.decimals(min_value=-(10**12), max_value=10**13, places=4)


def bands(low=(0, 2000), medium=(2000, 10000), high=(10000, None)):
    return [
        Band(tier, Decimal(start), None if end is None else Decimal(end))
        for tier, (start, end) in (("low", low), ("medium", medium), ("high", high))
    ]


@given(
    st.lists(
        st.decimals(min_value="0.0001", max_value=10**13, places=4), min_size=2, max_size=2, unique=True
    ),
    amounts,
)
def test_every_revenue_is_in_exactly_one_band(starts, revenue):
    medium, high = sorted(starts)
    rules = Rules(medium_from=medium, high_from=high)
    inside = [
        band.tier
        for band in bands((-(10**12), medium), (medium, high), (high, None))
        if band.start <= revenue and (band.end is None or revenue < band.end)
    ]
    assert inside == [band_of(revenue, rules)]


def test_bands_that_fit_have_no_problem():
    assert list(band_problems(bands())) == []
    assert list(band_problems(bands(low=(0, None), medium=(2000, None)))) == []
    assert starts_of(bands()) == (2000, 10000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (bands(low=(0, 3000)), "would be in both"),
        (bands(low=(0, 1500)), "would be in no band"),
        (bands(medium=(2000, 9000)), "would be in no band"),
        (bands(low=(10, 2000)), "below 10 would be in no band"),
        (bands(high=(10000, 50000)), "50,000 and more would be in no band"),
        (bands(low=(0, 2000), medium=(2000, 2000), high=(2000, None)), "High must start above medium"),
        (bands()[:2], "Name each of"),
        ([*bands(), bands()[0]], "Name each of"),
    ],
)
def test_overlap_and_gap_are_said_with_the_amounts(given, words):
    assert any(words in problem for problem in band_problems(given))


@given(st.lists(amounts, max_size=40))
def test_what_is_proposed_is_possible_or_says_why_not(revenues):
    proposed = propose_bands(revenues)
    if proposed.starts is None:
        assert proposed.why.endswith((".", "yourself."))
    else:
        assert 0 < proposed.starts.medium < proposed.starts.high


@pytest.mark.parametrize(
    ("revenues", "words"),
    [
        ([], "no revenue yet"),
        ([Decimal(0), Decimal(-5)], "no revenue yet"),
        ([Decimal(5)], "Only 1 with revenue"),
        ([Decimal(5)] * 9, "bring the same"),
    ],
)
def test_no_distribution_no_proposal(revenues, words):
    proposed = propose_bands(revenues)
    assert proposed.starts is None
    assert words in proposed.why


def test_bands_are_round_and_near_the_upper_parts():
    assert propose_bands([Decimal(100 * n) for n in range(1, 101)]).starts == (5000, 8500)
    assert rounded(Decimal(237_412)) == 250_000


@pytest.mark.parametrize("copies", [1, 1_000])
def test_bands_of_a_hundred_thousand_are_those_of_a_hundred_alike(copies):
    assert propose_bands([Decimal(100 * n) for n in range(1, 101)] * copies).starts == (5000, 8500)


def test_usual_visits_are_said_for_every_tier():
    good = {"high": [2, 1], "medium": [1, 1], "low": [0, 12]}
    assert list(visit_problems(good)) == []
    assert [problem.field for problem in visit_problems({"high": [2, 1]})] == ["usual_visits"]
    assert [problem.field for problem in visit_problems(good | {"low": [1, 5]})] == ["usual_visits.low"]
