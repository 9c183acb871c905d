"""What a match makes of a row: new, updated, already so, to decide or rejected. No database."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.lists.runs.models import BringRow
from activities.lists.states import Outcome
from prm.bringing import Kind, Match, Type, Values
from prm.core.errors import Refused

_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_LONGEST_KEY: Final = 400


def apply(kind: Kind, row: BringRow, match: Match, defaults: Values) -> None:
    """Write into a row what its match makes of it."""
    row.reason, row.by, row.name, row.about = match.reason, match.by, match.name[:200], match.about
    row.names = {**row.names, **match.names}
    row.keys = [key[:_LONGEST_KEY] for key in match.keys]
    row.target, row.changes, row.candidates, row.twin_line = None, {}, [], None
    if match.problem:
        row.outcome, row.reason = Outcome.REJECTED, match.problem
    elif match.target:
        row.target = UUID(match.target)
        row.changes = changes_of(kind, row.values, match.current)
        row.outcome = Outcome.CERTAIN if row.changes else Outcome.UNCHANGED
    elif match.candidates:
        row.outcome = Outcome.DECIDE
        row.candidates = [
            {"id": one.id, "name": one.name, "note": one.note, "evidence": one.evidence}
            for one in match.candidates
        ]
    else:
        _as_new(kind, row, defaults)


def _as_new(kind: Kind, row: BringRow, defaults: Values) -> None:
    values = with_defaults(row.values, defaults)
    missing = [
        column.label.lower() for column in kind.all_columns() if column.needed and not values.get(column.key)
    ]
    if not kind.may_be_new:
        row.outcome, row.reason = (
            Outcome.REJECTED,
            f"Nobody here is meant, and this list makes no new {kind.nouns()[0]}.",
        )
    elif missing:
        row.outcome = Outcome.REJECTED
        row.reason = f"{lacks(kind)} {' and a '.join(missing)}."
    elif refused := _refused(kind, values):
        row.outcome, row.reason = Outcome.REJECTED, refused
    else:
        row.outcome = Outcome.NEW
        row.name = row.name or values.get("name", "")[:200]
        row.changes = {
            key: ("", value) for key, value in values.items() if value and not kind.column(key).is_clue
        }


def lacks(kind: Kind) -> str:
    """Return how the reason of every row begins that is new and lacks what new ones need."""
    return f"This would be a new {kind.nouns()[0]}, which needs a"


def _refused(kind: Kind, values: Values) -> str:
    """Return why what a new row says breaks a rule, "" where it does not."""
    try:
        kind.check(values)
    except Refused as refused:
        return refused.message
    return ""


def with_defaults(values: Values, defaults: Values) -> dict[str, str]:
    """Return what a new row says: its own values, and the defaults where it has none."""
    return {**defaults, **{key: value for key, value in values.items() if value}}


def framed(kind: Kind, values: Values, defaults: Values) -> dict[str, str]:
    """Return what a row says, and where it belongs if it does not say so itself."""
    frames = {key: value for key, value in defaults.items() if kind.column(key).is_frame}
    return {**frames, **values}


def changes_of(kind: Kind, values: Values, current: Values) -> dict[str, tuple[str, str]]:
    """Return what a row would change: (before, after) by column."""
    found = {}
    for key, value in values.items():
        column, before = kind.column(key), current.get(key, "")
        if not column.is_clue and not is_same(column.type, before, value):
            found[key] = (before, value)
    return found


def is_same(kind: Type, before: str, after: str) -> bool:
    """Return whether two values say the same, however they are written."""
    if kind is Type.EMAIL:
        return before.strip().lower() == after.strip().lower()
    if kind is Type.PHONE and before and after:
        return _NOT_DIGITS.sub("", before) == _NOT_DIGITS.sub("", after)
    if kind in (Type.NUMBER, Type.WHOLE) and before and after:
        return Decimal(before) == Decimal(after)
    if kind is Type.LONG:
        return before.split() == after.split()
    return before.strip() == after.strip()


def contradictions(kind: Kind, one: Values, other: Values) -> list[tuple[str, str, str]]:
    """Return in what two rows of one file contradict each other: the column, and what each says."""
    found = []
    for key in one.keys() & other.keys():
        column = kind.column(key)
        if not (column.is_clue or column.adds or is_same(column.type, one[key], other[key])):
            found.append((column.label, one[key], other[key]))
    return sorted(found)


def shown(kind: Kind, row_names: Mapping[str, str], key: str, value: str) -> str:
    """Return a value as people read it: the word of a choice, the name of a row."""
    column = kind.column(key)
    if column.type is Type.CHOICE:
        return str(column.choices().get(value, value))
    return row_names.get(value, value) if column.type is Type.ROW else value
