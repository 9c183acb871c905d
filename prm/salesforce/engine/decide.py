"""The three-way decision: last agreed value, ours, theirs. Pure functions.

=================  ==================  =============================================
ours vs. agreed    theirs vs. agreed   decision
=================  ==================  =============================================
same               same                nothing
changed            same                send ours
same               changed             apply theirs (push-only field: leave it)
changed            changed, equal      agree
changed            changed, differing  the field's winner; the loser is recorded
=================  ==================  =============================================

Two refinements keep an own write from being mistaken for somebody's edit:

* A value that was sent and whose answer is missing (`sent`) counts as agreed when the other side
  shows it: the write has arrived.
* Without any agreed values (a record found by its id, never linked), an empty side takes the full
  side's value, and only two different non-empty values are a conflict.

An echo therefore needs no marking: it is a record in which nothing differs.
"""

from __future__ import annotations

from collections.abc import Mapping as Record
from collections.abc import Sequence
from dataclasses import dataclass, field

from prm.mapping import Field, Normal, Winner

Normals = Record[str, Normal]


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed one field to different values."""

    there: str
    agreed: Normal
    ours: Normal
    theirs: Normal
    winner: Winner


@dataclass(slots=True)
class Decision:
    """What to do about one record, by field name in Salesforce.

    `send` and `apply` hold the values to be written there and here; `agreed` the values both sides
    hold already and that become the new base; `clashes` the conflicts to record.
    """

    send: dict[str, Normal] = field(default_factory=dict)
    apply: dict[str, Normal] = field(default_factory=dict)
    agreed: dict[str, Normal] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)


def decide(
    fields: Sequence[Field],
    *,
    agreed: Normals,
    ours: Normals,
    theirs: Normals,
    sent: Normals | None = None,
    held: frozenset[str] = frozenset(),
) -> Decision:
    """Return what to do about a record of which both sides are known.

    `theirs` may lack fields that were not read; they are left alone. `held` names the fields with
    a conflict that waits for a person.
    """
    decision = Decision()
    for one in fields:
        if one.there in theirs and one.there not in held:
            _decide_field(decision, one, agreed, ours, theirs[one.there], sent or {})
    return decision


def _decide_field(
    decision: Decision,
    one: Field,
    agreed: Normals,
    ours: Normals,
    theirs: Normal,
    sent: Normals,
) -> None:
    name, mine = one.there, ours.get(one.there)
    if mine == theirs:
        decision.agreed[name] = theirs
        return
    known = name in agreed
    base = agreed.get(name)
    if name in sent and sent[name] == theirs:
        known, base = True, theirs
    if not one.pulls:
        decision.send[name] = mine
    elif not one.pushes or (known and mine == base) or (not known and mine is None):
        decision.apply[name] = theirs
    elif (known and theirs == base) or (not known and theirs is None):
        decision.send[name] = mine
    else:
        _clash(decision, one, Clash(name, base, mine, theirs, one.winner))
        return
    if known and base == theirs and agreed.get(name) != theirs:
        decision.agreed[name] = theirs


def _clash(decision: Decision, one: Field, clash: Clash) -> None:
    decision.clashes.append(clash)
    if one.winner is Winner.SALESFORCE:
        decision.apply[one.there] = clash.theirs
    elif one.winner is Winner.HERE:
        decision.send[one.there] = clash.ours


def changed(
    names: Sequence[str], *, agreed: Normals, ours: Normals, held: frozenset[str] = frozenset()
) -> dict[str, Normal]:
    """Return our values that differ from the last agreed ones: what a push would send.

    A field without an agreed value is sent only when it has a value: a new record needs no nulls.
    """
    return {name: ours.get(name) for name in names if name not in held and ours.get(name) != agreed.get(name)}
