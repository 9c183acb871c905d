import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.standing.arrays import (
    Coded,
    Written,
    fingerprint_texts,
    fingerprints,
    marks_of,
    money_texts,
    months_since,
    number_texts,
    once_each,
    rounded,
)

numbers = st.floats(-1e6, 1e6)
halves = st.integers(-(10**7), 10**7).map(lambda n: (n + 0.5) / 10_000)


def days(*some):
    return np.array(some, dtype="datetime64[D]")


# --- arithmetic


@given(st.lists(st.one_of(numbers, halves), min_size=1), st.sampled_from([0, 1, 4]))
def test_rounds_as_python_does(values, digits):
    assert rounded(np.array(values), digits).tolist() == [round(value, digits) for value in values]


def test_rounding_keeps_what_is_not_known():
    assert np.isnan(rounded(np.array([np.nan, 0.12345]), 4)).tolist() == [True, False]


@given(st.lists(st.integers(-(10**18), 10**18)))
def test_money_is_written_exactly(amounts):
    expected = [str(Decimal(amount).scaleb(-4)) for amount in amounts]
    assert money_texts(np.array(amounts, dtype=np.int64)) == expected


@given(st.lists(numbers))
def test_numbers_are_written_as_python_does(values):
    assert number_texts(np.array(values, dtype=np.float64)) == [repr(value) for value in values]


def test_months_since():
    counts = months_since(
        days(date(2026, 11, 30), date(2025, 12, 1), date(2027, 1, 1), None), date(2026, 11, 1)
    )
    assert counts.tolist() == [0, 11, -2, 0]


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("abc"), st.booleans())))
def test_once_each_gives_one_of_every_kind(rows):
    keys = [np.array(column) for column in zip(*rows, strict=True)] or [np.array([])]
    some, which = once_each(*keys)
    assert len(some) == len(set(rows))
    assert [rows[some[kind]] for kind in which.tolist()] == rows


# --- texts


def written():
    who = np.array([True, False, True, True, False])
    first = {
        "n": np.array([1, -2, 3]),
        "on": days(date(2026, 11, 1), None, date(2025, 2, 28)),
        "all": "5 % of",
    }
    second = np.array([False, True, False, False, False])
    return Written(5, (who, first), (second, {"part": np.array([0.1])}))


def test_written_makes_json_of_columns():
    assert [json.loads(text) for text in written().texts(np.arange(5))] == [
        {"n": 1, "on": "2026-11-01", "all": "5 % of"},
        {"part": 0.1},
        {"n": -2, "on": None, "all": "5 % of"},
        {"n": 3, "on": "2025-02-28", "all": "5 % of"},
        {},
    ]


@given(st.lists(st.integers(0, 4)))
def test_written_gives_any_places_in_any_order(places):
    everybody = written().texts(np.arange(5))
    asked = np.array(places, dtype=np.int64)
    assert written().texts(asked) == [everybody[at] for at in places]


def test_texts_with_anything_in_them_are_json():
    names = np.array(["a\tb\n\\N", 'say "é" %s', None], dtype=object)
    found = Written(3, (np.ones(3, dtype=bool), {"name": names})).texts(np.arange(3))
    assert [json.loads(text)["name"] for text in found] == names.tolist()
    assert not any("\t" in text or "\n" in text for text in found)


# --- fingerprints


def marked(*columns, seed="1"):
    return fingerprint_texts(*fingerprints(seed, len(columns[0]), columns))


def test_equal_rows_have_equal_marks_in_any_company():
    values = np.array([5, 5, 6])
    both = marked(marks_of(values), marks_of(values * 0.5))
    alone = marked(marks_of(values[2:]), marks_of(values[2:] * 0.5))
    assert both[0] == both[1] != both[2] == alone[0]
    assert {len(text) for text in both} == {32}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.array([0.1]), np.array([0.1 + 1e-16])),
        (np.array([np.nan]), np.array([0.0])),
        (days(None), days(date(2026, 11, 1))),
        (np.array(["high"]), np.array(["low"])),
        (np.array([None], dtype=object), np.array([""], dtype=object)),
        (np.array([True]), np.array([False])),
    ],
)
def test_every_change_shows(before, after):
    assert marked(marks_of(before)) != marked(marks_of(after))
    assert marked(marks_of(before)) == marked(marks_of(before.copy()))


def test_the_seed_and_the_order_of_columns_count():
    one, other = marks_of(np.array([1])), marks_of(np.array([2]))
    assert marked(one, other) != marked(other, one)
    assert marked(one, seed="1") != marked(one, seed="2")


def test_a_fact_that_moves_to_another_name_shows():
    who = np.ones(1, dtype=bool)
    one, other = (Written(1, (who, {name: np.array([7])})) for name in ("done", "planned"))
    assert marked(*one.marks()) != marked(*other.marks())
    same = Written(1, (who, {"done": 7}))
    assert marked(*same.marks()) != marked(*Written(1, (who, {"done": 8})).marks())


def test_coded_texts_are_marked_by_what_they_say():
    one = Coded(["a", "b"], np.array([0, 1, 1]))
    other = Coded(["b", "a"], np.array([1, 0, 0]))
    assert one.texts(np.array([2, 0])) == other.texts(np.array([2, 0])) == ["b", "a"]
    assert marked(*one.marks()) == marked(*other.marks())
