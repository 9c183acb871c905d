"""Lines of the trail, each with what its row was before: three statements a page, whatever the trail holds.

One for the lines, one for the rows before them, one for each kind of thing that is named (`words.Names`).
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection

from prm.audit.trail import sql
from prm.audit.trail.events import EventKind, kinds
from prm.audit.trail.rules import AT_A_TIME, MOST_COUNTED, PER_PAGE
from prm.audit.trail.sql import Asked, Place
from prm.audit.trail.states import Act
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant

_SALT = "prm.audit.place"
Values = dict[str, Any]
"""A row as JSON has it, by its columns."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change. `row` is the row after it (of a removed one, as it last was), `before` None where nothing is known."""

    kind: EventKind
    number: int
    at: datetime
    act: Act
    object_id: UUID
    context: Values
    row: Values
    before: Values | None = None

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(self.at, self.kind.key, self.number)

    @property
    def key(self) -> str:
        """Return its name in addresses and answers."""
        return f"{self.kind.key}-{self.number}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, the newest first, with the addresses' words for those after and before them ("" for none)."""

    lines: Sequence[Line]
    older: str = ""
    newer: str = ""


def page(asked: Asked, *, cursor: str = "", most: int = PER_PAGE) -> Page:
    """Return the lines at a cursor. Raises `Refused` for a cursor that names no place."""
    place, newer = _read(cursor)
    found = _lines(asked, most=most + 1, after=place, newer=newer)
    more, rows = len(found) > most, found[:most]
    lines = rows[::-1] if newer else rows
    if not lines:
        return Page([])
    has_newer = more if newer else place is not None
    return Page(
        lines,
        older=_written(lines[-1].place, newer=False) if more or newer else "",
        newer=_written(lines[0].place, newer=True) if has_newer else "",
    )


def every_line(asked: Asked) -> Iterator[list[Line]]:
    """Give all lines asked for, the newest first, a thousand at a time."""
    place: Place | None = None
    while lines := _lines(asked, most=AT_A_TIME, after=place, newer=False):
        yield lines
        if len(lines) < AT_A_TIME:
            return
        place = lines[-1].place


def count(asked: Asked, *, most: int = MOST_COUNTED) -> int:
    """Count the lines asked for; one more than `most` stands for "more"."""
    if asked.kind and asked.kind not in kinds():
        return 0
    statement, values = sql.count_lines(asked, current_tenant().pk, most=most)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


def _lines(asked: Asked, *, most: int, after: Place | None, newer: bool) -> list[Line]:
    if asked.kind and asked.kind not in kinds():
        return []
    statement, values = sql.select_lines(asked, current_tenant().pk, most=most, after=after, newer=newer)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = [_line(*row) for row in cursor.fetchall()]
    before = _before(found)
    return [
        Line(
            line.kind,
            line.number,
            line.at,
            line.act,
            line.object_id,
            line.context,
            line.row,
            before.get(line.key),
        )
        for line in found
    ]


def _line(kind: str, number: int, at: datetime, act: str, obj: UUID, context: str | None, row: str) -> Line:
    return Line(kinds()[kind], number, at, Act(act), obj, _json(context), _json(row))


def _before(lines: Sequence[Line]) -> dict[str, Values]:
    """Return the rows before the changed ones, by the key of their line (1 statement, none for none)."""
    wanted: dict[str, list[tuple[int, UUID]]] = defaultdict(list)
    for line in lines:
        if line.act == Act.CHANGED:
            wanted[line.kind.key].append((line.number, line.object_id))
    if not wanted:
        return {}
    statement, values = sql.select_before(dict(wanted), current_tenant().pk)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {f"{kind}-{number}": _json(row) for kind, number, row in cursor.fetchall() if row is not None}


def _json(text: object) -> Values:
    """Return a row or a context; nothing for none."""
    found: Values = json.loads(text, parse_float=Decimal) if isinstance(text, str) else {}
    return found


def _written(place: Place, *, newer: bool) -> str:
    return signing.dumps([place.at.isoformat(), place.kind, place.number, newer], salt=_SALT)


def _read(cursor: str) -> tuple[Place | None, bool]:
    if not cursor:
        return None, False
    try:
        at, kind, number, newer = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise Refused(
            "This page of the trail has no such address.", field="cursor", code="invalid"
        ) from error
    return Place(datetime.fromisoformat(at), kind, number), newer
