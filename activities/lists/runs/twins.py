"""Rows of one file that mean the same: they complete each other, repeat each other, or contradict and are rejected."""

from collections.abc import Iterable, Sequence
from typing import Final

from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.outcomes import contradictions, shown
from activities.lists.states import Outcome
from prm.bringing import Kind
from prm.core.notation.reader import figure

_TELLING: Final = (Outcome.NEW, Outcome.CERTAIN, Outcome.UNCHANGED)


class Twins:
    """What was seen of a file so far: by key the line where it stood first."""

    def __init__(self, run: BringRun, kind: Kind) -> None:
        self._run, self._kind = run, kind
        self._first: dict[int, int] = {}
        self._said: dict[int, dict[str, str]] = {}

    def compare(self, rows: Sequence[BringRow]) -> None:
        """Judge rows that follow those before; the first of contradicting rows is rejected as well."""
        earlier: dict[int, BringRow] = {}
        pairs: list[tuple[BringRow, int]] = []
        for row in rows:
            if row.outcome in _TELLING:
                line = self._line_of(row)
                earlier[row.line] = row
                if line is not None:
                    pairs.append((row, line))
        self._load({line for _, line in pairs} - earlier.keys(), earlier)
        for row, line in pairs:
            self._judge(row, earlier[line], is_stored=earlier[line] not in rows)

    def _line_of(self, row: BringRow) -> int | None:
        """Return the line where the same was said first; None for a row that is the first."""
        keys = [*row.keys, f"target:{row.target}"] if row.target else row.keys
        numbers = [hash(key) for key in keys]
        first = min((self._first[number] for number in numbers if number in self._first), default=None)
        for number in numbers:
            self._first.setdefault(number, row.line if first is None else first)
        return first

    def _load(self, lines: Iterable[int], into: dict[int, BringRow]) -> None:
        if wanted := list(lines):
            into.update({row.line: row for row in BringRow.objects.filter(run=self._run, line__in=wanted)})

    def _judge(self, row: BringRow, first: BringRow, *, is_stored: bool) -> None:
        said = self._said.setdefault(first.line, dict(first.values))
        if first.outcome == Outcome.REJECTED:
            row.outcome = Outcome.REJECTED
            row.reason = f"Line {figure(first.line)} and others say something else of the same {self._kind.nouns()[0]}."
            return
        if against := contradictions(self._kind, said, row.values):
            self._reject_both(row, first, against[0])
            if is_stored:
                first.save(update_fields=["outcome", "reason"])
            return
        fresh = {key: value for key, value in row.values.items() if value and said.get(key) != value}
        said.update(fresh)
        row.changes = {key: change for key, change in row.changes.items() if key in fresh}
        if first.outcome == Outcome.NEW:
            row.twin_line, row.name = first.line, first.name
        row.outcome = Outcome.CERTAIN if row.changes else Outcome.UNCHANGED
        more = "completes" if row.changes else "repeats"
        row.reason = f"It {more} line {figure(first.line)} of the same file."
        row.by = row.by or "same file"

    def _reject_both(self, row: BringRow, first: BringRow, against: tuple[str, str, str]) -> None:
        label, theirs, mine = against
        key = next(column.key for column in self._kind.all_columns() if column.label == label)
        names = {**first.names, **row.names}
        one = shown(self._kind, names, key, theirs) or "nothing"
        other = shown(self._kind, names, key, mine) or "nothing"
        noun = self._kind.nouns()[0]
        for contradicting in (row, first):
            contradicting.outcome = Outcome.REJECTED
            contradicting.reason = (
                f"Lines {figure(first.line)} and {figure(row.line)} mean the same {noun} and contradict each other: {label} is {one}"
                f" in the first, {other} in the second. Keep one of them."
            )
