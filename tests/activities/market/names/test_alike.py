"""Which names look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.market.names.alike import pairs

NAMES = st.lists(st.text("abcdefghij -.", max_size=14), max_size=12)


@pytest.mark.parametrize(
    "one, other, reason",
    [
        ("Harborline", "Harbor Line", "the same letters"),
        ("The Harborline Group", "HARBORLINE", "the same letters"),
        ("Sankt Brendan", "Sankt Bréndan", "the same letters"),
        ("Keystone Casualty", "Keystone Casulty", "few letters apart"),
        ("Harborline", "Harborline Mutual", "one begins like the other"),
    ],
)
def test_names_that_may_be_one_are_found_with_the_sign(one, other, reason):
    (pair,) = pairs([("a", one), ("b", other)])
    assert (pair.one, pair.other, pair.reason) == ("a", "b", reason)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Summit Surgical", "Summit County"),
        ("St. Brendan", "St. Bernard"),
        ("AXA", "AXB"),
        ("Inc", "Ltd"),
        ("", ""),
    ],
)
def test_names_that_only_share_a_word_or_are_short_are_not(one, other):
    assert pairs([("a", one), ("b", other)]) == []


@given(NAMES)
def test_each_pair_stands_once_in_the_order_of_the_list_and_likeliest_first(names):
    found = pairs(list(enumerate(names)))
    assert len({(pair.one, pair.other) for pair in found}) == len(found)
    assert all(pair.one < pair.other for pair in found)
    assert [pair.rank for pair in found] == sorted(pair.rank for pair in found)
