"""How far a run is and what it does, as its page shows it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.outcomes import shown
from activities.lists.states import LEAVE, Outcome, RunState
from orders.runs.bar import bar_of
from orders.runs.preview import Share
from prm.bringing import NEW, Kind
from prm.core.clock import now
from prm.core.notation.reader import figure
from prm.tenancy.work import broker
from prm.ui.formatting import plural
from prm.ui.parts import Progress

_BARS: Final = {
    Outcome.NEW: "new", Outcome.CERTAIN: "corrected", Outcome.DECIDE: "decide", Outcome.UNCHANGED: "same",
    Outcome.REJECTED: "rejected",
}  # fmt: skip
_EXAMPLES: Final = 8
_UNSAID: Final = ("id", "notes", "learned")
# Rows of which the preview says what they change; a sample of a long list.
_COUNTED: Final = 5_000


def progress_of(run: BringRun) -> Progress:
    """Return the progress of a run: rows, pace, time left."""
    seconds = (now() - run.started_at).total_seconds() if run.started_at else 0.0
    pace = run.rows_done / seconds if seconds > 1 else None
    is_busy = run.is_active or run.is_reading
    left = (
        (run.rows_total - run.rows_done) / pace
        if pace and is_busy and run.rows_total > run.rows_done
        else None
    )
    return Progress(
        done=run.rows_done,
        total=run.rows_total or None,
        seconds_left=left,
        per_second=round(pace) if pace else None,
        running=is_busy,
        unreachable=is_busy and run.state in (RunState.READING, RunState.QUEUED) and not broker.answers(),
        page_url=run.get_absolute_url(),
    )


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that a row changes, in the words of its column."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as its page shows it: what the file says, and what changes."""

    row: BringRow
    said: str
    changes: Sequence[Changed]
    decided: str


@dataclass(frozen=True, slots=True)
class Group:
    """An outcome with its rows' reasons, counts of what changes, and examples."""

    outcome: Outcome
    count: int
    summary: str
    examples: Sequence[Shown]


def shares_of(counts: Mapping[str, int], kind: Kind) -> list[Share]:
    """Return how the rows of a list split."""
    _, many = kind.nouns()
    notes = {
        Outcome.NEW: many,
        Outcome.DECIDE: "wait for you",
        Outcome.UNCHANGED: "no change",
        Outcome.REJECTED: "kept for you to fix",
    }
    return [
        Share(_BARS[outcome], str(outcome.label), counts.get(outcome, 0), notes.get(outcome, ""))
        for outcome in Outcome
    ]  # fmt: skip


def bar(counts: Mapping[str, int], kind: Kind) -> object:
    """Return the bar over the shares."""
    return bar_of(shares_of(counts, kind))


def show(kind: Kind, row: BringRow) -> Shown:
    """Return a row as its page shows it, in the order of the columns of its kind."""
    # What is kept as JSON has lost the order of its keys.
    keys = [column.key for column in kind.all_columns()]
    said = [
        shown(kind, row.names, key, row.values[key])
        for key in keys
        if row.values.get(key) and key not in _UNSAID
    ]
    changes = [
        Changed(
            kind.column(key).label,
            shown(kind, row.names, key, row.changes[key][0]),
            shown(kind, row.names, key, row.changes[key][1]),
        )
        for key in keys
        if key in row.changes
    ]
    cells = [cell for cell in row.cells if cell.strip()]
    return Shown(row, " · ".join((said or cells)[:5]), changes, _decided(row))


def _decided(row: BringRow) -> str:
    if row.decision in ("", NEW, LEAVE):
        return {"": "", NEW: "New", LEAVE: "Left out"}[row.decision]
    names = {str(one["id"]): str(one["name"]) for one in row.candidates}
    return names.get(row.decision) or str(row.names.get(row.decision, "Chosen by hand"))


def groups_of(run: BringRun, kind: Kind) -> list[Group]:
    """Return what certain, new and rejected rows do, with examples."""
    found = []
    for outcome in (Outcome.CERTAIN, Outcome.NEW, Outcome.REJECTED):
        if count := run.counts.get(outcome, 0):
            rows = list(BringRow.objects.filter(run=run, outcome=outcome).order_by("line")[:_COUNTED])
            examples = [show(kind, row) for row in rows[:_EXAMPLES]]
            found.append(Group(outcome, count, _summary(kind, outcome, rows, count), examples))
    return found


def _summary(kind: Kind, outcome: Outcome, rows: Sequence[BringRow], count: int) -> str:
    some = "" if len(rows) == count else f"Of the first {figure(len(rows))}: "
    if outcome == Outcome.REJECTED:
        return f"{some}{plural(len({row.reason for row in rows}), 'reason')}."
    fields = Counter(key for row in rows for key in row.changes)
    labels = [f"{kind.column(key).label} {figure(times)}" for key, times in fields.most_common(6)]
    by = Counter(row.by for row in rows if row.by)
    found = ", ".join(f"by {what} {figure(times)}" for what, times in by.most_common(5))
    if outcome == Outcome.NEW:
        return f"{some}They get: {', '.join(labels)}."
    return f"{some}Found {found}. Only what the file has changes: {', '.join(labels)}. What it does not have stays."
