"""The trail as a file."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from prm.audit.trail.queries import every_line
from prm.audit.trail.sql import Asked
from prm.audit.trail.words import Entry, entries
from prm.ui.export.cells import Cell, Sheet

HEADS = (
    "When",
    "Who",
    "How",
    "Door",
    "What",
    "Kind of row",
    "Which",
    "What happened",
    "Before and after",
    "Id",
)


def sheet(asked: Asked) -> Sheet:
    """Return all lines asked for, read while they are written."""
    return Sheet("audit trail", HEADS, _rows(asked))


def _rows(asked: Asked) -> Iterator[Sequence[Cell]]:
    for lines in every_line(asked):
        for entry in entries(lines):
            yield _cells(entry)


def _cells(entry: Entry) -> list[Cell]:
    told = "; ".join(f"{one.label}: {one.before} → {one.after}" for one in entry.changes)
    return [
        timezone.localtime(entry.at).replace(tzinfo=None),
        entry.who,
        entry.who_note,
        entry.door.label,
        entry.what,
        entry.kind,
        entry.detail,
        entry.act.label,
        told,
        entry.key,
    ]
