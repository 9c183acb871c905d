"""The three-way decision: last agreed value, ours, theirs. Pure functions.

=================  ==================  =============================================
ours               theirs              decision
=================  ==================  =============================================
same               same                nothing
changed            same                send ours
same               changed             apply theirs (push-only field: leave it)
changed            changed, equal      agree
changed            changed, differing  the field's winner; the loser is recorded
=================  ==================  =============================================

Each side is compared with its own last value. That is the agreed one on both, unless the field is `apart`:
Salesforce keeps what we sent in another form, or here is a spelling of ours, or one side refused the
other's value. Then `agreed` is theirs and `apart` ours, and nothing happens until one of them changes.

Two refinements keep an own write from being mistaken for somebody's edit:

* A value that was sent and whose answer is missing (`sent`) counts as agreed when the other side
  shows it: the write has arrived.
* Without any agreed values (a record found by its id, never linked), an empty side takes the full
  side's value, and only two different non-empty values are a conflict.

An echo therefore needs no marking: it is a record in which nothing differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass, field

from prm.mapping import Field, Kind, Normal, Winner

Normals = Record[str, Normal]


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed one field to different values. `winner` is never `NEWEST`, but whose change that is."""

    there: str
    agreed: Normal
    ours: Normal
    theirs: Normal
    winner: Winner


@dataclass(slots=True)
class Decision:
    """What to do about one record, by field name in Salesforce.

    `send` and `apply` hold the values to be written there and here; `agreed` the values of theirs that
    become the base of both sides; `clashes` the conflicts to record.
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
    apart: Normals | None = None,
    sent: Normals | None = None,
    held: frozenset[str] = frozenset(),
    newest: Callable[[Field], Winner] = lambda _field: Winner.SALESFORCE,
) -> Decision:
    """Return what to do about a record of which both sides are known.

    `ours` and `theirs` may lack fields (not read, not to be sent); they are left alone. `held` names the
    fields with a conflict that waits for a person. `newest` says whose change of a field is the later one; it is
    asked only where that decides.
    """
    decision = Decision()
    base = _Base(agreed, apart or {}, sent or {}, newest)
    for one in fields:
        if one.there in theirs and one.there in ours and one.there not in held:
            _decide_field(decision, one, base, ours[one.there], theirs[one.there])
    return decision


@dataclass(frozen=True, slots=True)
class _Base:
    """What both sides are compared with."""

    agreed: Normals
    apart: Normals
    sent: Normals
    newest: Callable[[Field], Winner]

    def of(self, name: str, theirs: Normal) -> tuple[bool, Normal, Normal]:
        """Return whether a base is known, ours and theirs."""
        if name in self.sent and self.sent[name] == theirs:
            return True, theirs, theirs
        there = self.agreed.get(name)
        return name in self.agreed, self.apart.get(name, there), there


def _decide_field(decision: Decision, one: Field, base: _Base, mine: Normal, theirs: Normal) -> None:
    name = one.there
    if mine == theirs:
        decision.agreed[name] = theirs
        return
    known, base_here, base_there = base.of(name, theirs)
    ours_moved = mine != base_here if known else not _says_nothing(one, mine)
    theirs_moved = theirs != base_there if known else not _says_nothing(one, theirs)
    if not one.pulls:
        if ours_moved or not known:
            decision.send[name] = mine
    elif theirs_moved and not (ours_moved and one.pushes):
        decision.apply[name] = theirs
    elif ours_moved and not theirs_moved:
        (decision.send if one.pushes else decision.apply)[name] = mine if one.pushes else theirs
    elif ours_moved:
        winner = base.newest(one) if one.winner is Winner.NEWEST else one.winner
        _clash(decision, Clash(name, base_there, mine, theirs, winner))
        return
    if name in decision.send and (not known or base.agreed.get(name) != theirs):
        decision.agreed[name] = theirs


def _says_nothing(one: Field, value: Normal) -> bool:
    """Whether a value says nothing by itself: none at all, or the owner of what nobody owns."""
    return value is None or (one.kind is Kind.OWNER and value == one.default)


def _clash(decision: Decision, clash: Clash) -> None:
    decision.clashes.append(clash)
    if clash.winner is Winner.SALESFORCE:
        decision.apply[clash.there] = clash.theirs
    elif clash.winner is Winner.HERE:
        decision.send[clash.there] = clash.ours
        decision.agreed[clash.there] = clash.theirs


def changed(
    names: Sequence[str],
    *,
    agreed: Normals,
    ours: Normals,
    apart: Normals | None = None,
    held: frozenset[str] = frozenset(),
) -> dict[str, Normal]:
    """Return our values that differ from our last ones: what a push would send.

    A field without an agreed value is sent only when it has a value: a new record needs no nulls.
    """
    kept = apart or {}
    return {
        name: ours[name]
        for name in names
        if name in ours and name not in held and ours[name] != kept.get(name, agreed.get(name))
    }
