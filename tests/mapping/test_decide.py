"""The three-way decision, by table and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.mapping import Direction, Field, Winner
from prm.mapping.decide import changed, decide

values = st.sampled_from([None, "a", "b", "c"])


def field(direction=Direction.BOTH, winner=Winner.SALESFORCE):
    return Field(here="x", there="X", direction=direction, winner=winner)


def one(agreed, ours, theirs, known=True, sent=None, **options):
    return decide(
        [field(**options)],
        agreed={"X": agreed} if known else {},
        ours={"X": ours},
        theirs={"X": theirs},
        sent=sent,
    )


@pytest.mark.parametrize(
    "agreed,ours,theirs,send,apply,clash",
    [
        ("a", "a", "a", {}, {}, False),
        ("a", "b", "a", {"X": "b"}, {}, False),
        ("a", "a", "b", {}, {"X": "b"}, False),
        ("a", "b", "b", {}, {}, False),
        ("a", "b", "c", {}, {"X": "c"}, True),
        ("a", None, "c", {}, {"X": "c"}, True),
        ("a", "b", None, {}, {"X": None}, True),
    ],
)
def test_the_table(agreed, ours, theirs, send, apply, clash):
    decision = one(agreed, ours, theirs)
    assert (decision.send, decision.apply, bool(decision.clashes)) == (send, apply, clash)


def test_here_wins_by_sending():
    decision = one("a", "b", "c", winner=Winner.HERE)
    assert (decision.send, decision.apply, len(decision.clashes)) == ({"X": "b"}, {}, 1)


def test_asking_moves_nothing():
    decision = one("a", "b", "c", winner=Winner.ASK)
    assert (decision.send, decision.apply, len(decision.clashes)) == ({}, {}, 1)


def test_an_own_write_that_arrived_is_no_edit():
    decision = one("a", "c", "b", sent={"X": "b"})
    assert (decision.send, decision.apply, decision.clashes) == ({"X": "c"}, {}, [])


def test_an_own_write_that_arrived_does_not_hide_a_real_edit():
    assert one("a", "c", "d", sent={"X": "b"}).clashes


def test_never_linked_fills_the_empty_side():
    assert one(None, None, "b", known=False).apply == {"X": "b"}
    assert one(None, "b", None, known=False).send == {"X": "b"}
    assert one(None, "b", "c", known=False).clashes


def test_a_held_field_is_left_alone():
    decision = decide([field()], agreed={"X": "a"}, ours={"X": "b"}, theirs={"X": "c"}, held=frozenset({"X"}))
    assert not (decision.send or decision.apply or decision.clashes)


def test_what_was_not_read_is_left_alone():
    decision = decide([field()], agreed={"X": "a"}, ours={"X": "b"}, theirs={})
    assert not (decision.send or decision.apply or decision.clashes)


@given(values, values, values, st.sampled_from([Winner.HERE, Winner.SALESFORCE]), st.booleans())
def test_both_sides_end_equal_and_nothing_is_lost(agreed, ours, theirs, winner, known):
    decision = one(agreed, ours, theirs, winner=winner, known=known)
    here = decision.apply.get("X", ours) if "X" in decision.apply else ours
    there = decision.send.get("X", theirs) if "X" in decision.send else theirs
    assert here == there
    kept = {here} | {clash.ours for clash in decision.clashes} | {clash.theirs for clash in decision.clashes}
    base = agreed if known else None
    for edited in (ours, theirs):
        assert edited == base or edited in kept


@given(values, values, values)
def test_deciding_again_after_the_decision_does_nothing(agreed, ours, theirs):
    decision = one(agreed, ours, theirs)
    final = decision.apply["X"] if "X" in decision.apply else decision.send.get("X", ours)
    again = one(final, final, final)
    assert not (again.send or again.apply or again.clashes)


@given(values, values)
def test_a_push_sends_exactly_what_differs(agreed, ours):
    diff = changed(["X"], agreed={"X": agreed}, ours={"X": ours})
    assert diff == ({} if agreed == ours else {"X": ours})


def test_a_new_record_sends_no_nulls():
    assert changed(["X", "Y"], agreed={}, ours={"X": "a", "Y": None}) == {"X": "a"}
