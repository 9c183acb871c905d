"""Kinds, levels and tiers: one spelling, one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.states import Kind, Level, Ruling, Tier

stored = st.sampled_from(["", *Tier.values])


def test_tiers_rise_from_none_to_high():
    assert Tier.rising() == ["", "low", "medium", "high"]
    assert [tier.rank for tier in (Tier.LOW, Tier.MEDIUM, Tier.HIGH)] == [1, 2, 3]


def test_choices_show_the_highest_tier_first():
    assert [label for _, label in Tier.choices] == ["High", "Medium", "Low"]


@given(stored, stored)
def test_equal_ranks_are_equal_tiers(one, other):
    assert (Tier.rank_of(one) == Tier.rank_of(other)) == (one == other)


@given(stored)
def test_rank_and_value_lead_to_each_other(value):
    assert Tier.rising()[Tier.rank_of(value)] == value


@pytest.mark.parametrize("value", ["HIGH", "gold", " low"])
def test_a_word_that_is_no_tier_is_refused(value):
    with pytest.raises(ValueError):
        Tier.rank_of(value)
    with pytest.raises(ValueError):
        Tier.word_of(value)


@given(stored)
def test_the_word_of_a_tier_is_small_and_that_of_none_empty(value):
    word = Tier.word_of(value)
    assert word == word.lower()
    assert bool(word) == bool(value)


def test_orders_come_in_from_new_and_repeat_partners_only():
    assert {level for level in Level if level.is_ordering} == {Level.NEW, Level.REPEAT}


def test_partners_belong_to_houses_not_to_people():
    assert set(Kind.organisations()) == {Kind.PRACTICE, Kind.HOSPITAL, Kind.AGENCY}


def test_a_tier_is_kept_by_hysteresis_or_minimum_stay():
    assert set(Ruling.holding()) == {Ruling.HYSTERESIS, Ruling.STAY}
