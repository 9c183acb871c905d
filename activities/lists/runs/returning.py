"""A run is taken back: what it made goes, what it changed is set back; unless something later depends on it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import transaction

from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.outcomes import is_same
from activities.lists.states import RunState
from prm.bringing import Kind, Values
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant
from prm.ui.formatting import plural

CHUNK: Final = 100
_LOOKED_AT: Final = 1_000
_MOST_SHOWN: Final = 5


def hindrances_of(run: BringRun, kind: Kind) -> list[str]:
    """Return what later depends on what a run wrote, in words; nothing where it can be taken back."""
    found: list[str] = []
    count = 0
    for rows in _written(run):
        for words in _hindrances(kind, rows):
            count += 1
            if len(found) < _MOST_SHOWN:
                found.append(words)
    return [*found, f"and {figure(count - len(found))} more"] if count > len(found) else found


def _written(run: BringRun) -> Iterator[list[BringRow]]:
    """Give the rows that wrote something, those of one target together."""
    targets = list(
        BringRow.objects.filter(run=run, is_written=True)
        .order_by("target")
        .values_list("target", flat=True)
        .distinct()
    )
    for start in range(0, len(targets), _LOOKED_AT):
        rows = BringRow.objects.filter(
            run=run, is_written=True, target__in=targets[start : start + _LOOKED_AT]
        )
        yield list(rows.order_by("target", "line"))


def _hindrances(kind: Kind, rows: Sequence[BringRow]) -> Iterator[str]:
    made = {row.target for row in rows if row.was_made and row.target}
    depending = kind.depends(made)
    targets = {row.target for row in rows if row.target}
    present = kind.present(targets)
    gone = kind.gone(targets - present.keys())
    last: dict[UUID, dict[str, str]] = {}
    names = {row.target: row.name for row in rows if row.target}
    for row in rows:
        if row.target:
            last.setdefault(row.target, {}).update({key: new for key, (_, new) in row.changes.items()})
    for target, values in last.items():
        if target in gone:
            yield f"{names[target]}: {gone[target]} since"
        elif target in depending:
            yield f"{names[target]}: {depending[target]} came later"
        elif changed := _changed(kind, values, present.get(target)):
            yield f"{names[target]}: {changed}"


def _changed(kind: Kind, written: Values, present: Values | None) -> str:
    """Return what was changed since it was written, "" for nothing."""
    if present is None:
        return "removed since"
    labels = [
        kind.column(key).label.lower()
        for key, value in written.items()
        if key in present and not is_same(kind.column(key).type, present[key], value)
    ]
    return f"{' and '.join(labels)} changed since" if labels else ""


def return_for(run_id: UUID, kind: Kind, seconds: float) -> bool:
    """Take rows back for so long, the last of the file first; return whether there are more."""
    until = time.monotonic() + seconds
    while True:
        with transaction.atomic():
            lock_tenant("bringing", current_tenant().pk)
            run = BringRun.objects.select_for_update().get(pk=run_id)
            if run.state != RunState.RETURNING:
                return False
            rows = list(BringRow.objects.filter(run=run, is_written=True, kept="").order_by("-line")[:CHUNK])
            if not rows:
                _finish(run)
                return False
            targets = {row.target for row in rows if row.target}
            present = kind.present(targets)
            gone = kind.gone(targets - present.keys())
            for row in rows:
                _take_back(kind, row, present, gone)
            BringRow.objects.bulk_update(rows, ["is_written", "kept"])
            run.rows_done += len(rows)
            run.heartbeat_at = now()
            run.save(update_fields=["rows_done", "heartbeat_at"])
        if time.monotonic() >= until:
            return True


def _take_back(kind: Kind, row: BringRow, present: Mapping[UUID, Values], gone: Mapping[UUID, str]) -> None:
    assert row.target is not None
    if row.target in gone:
        row.kept = f"{row.name} was {gone[row.target]}. Take that back first."
        return
    changes = {key: (old, new) for key, (old, new) in row.changes.items()}
    if row.target not in present:
        # Somebody has removed it since: there is nothing to take back.
        row.is_written = False
        return
    try:
        with transaction.atomic():
            if row.was_made:
                kind.remove(row.target)
            else:
                kind.restore(row.target, changes, row.values)
        row.is_written = False
    except Refused as refused:
        row.kept = refused.message


def _finish(run: BringRun) -> None:
    kept = BringRow.objects.filter(run=run).exclude(kept="")
    run.state, run.finished_at = RunState.TAKEN_BACK, now()
    run.message = f"{plural(run.rows_done, 'row')} taken back: what was there before is there again."
    if first := kept.first():
        run.message = f"{plural(kept.count(), 'row')} could not be taken back and stay. Line {figure(first.line)}: {first.kept}"
    run.save(update_fields=["state", "finished_at", "message"])
