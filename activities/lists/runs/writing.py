"""Rows are written, a slice after the other: each chunk is one transaction, so that a killed worker loses nothing.

Before a chunk is written its rows are matched anew: what has changed since the preview becomes a question, never a
guess. The tenant's lock keeps two runs from matching before either has written.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q

from activities.lists.runs.models import BringRow, BringRowQuerySet, BringRun
from activities.lists.runs.outcomes import apply, contradictions, framed, with_defaults
from activities.lists.states import LEAVE, Outcome, RunState
from prm.bringing import NEW, Kind, Match, Row
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant

# Rows of one transaction.
CHUNK: Final = 500
_UNWRITABLE: Final = (Refused, ValidationError, IntegrityError, DataError)


def to_write(run: BringRun) -> BringRowQuerySet:
    """Return the rows whose turn is still to come, in the order of the file."""
    decided = Q(outcome=Outcome.DECIDE) & ~Q(decision__in=("", LEAVE))
    rows: BringRowQuerySet = BringRow.objects.filter(
        decided | Q(outcome__in=Outcome.writing()), run=run, is_done=False
    ).order_by("line")
    return rows


def write_for(run_id: UUID, kind: Kind, seconds: float) -> bool:
    """Write rows for so long; return whether there are more."""
    until = time.monotonic() + seconds
    while True:
        with transaction.atomic():
            # Two runs of one tenant match and write one after the other.
            lock_tenant("bringing", current_tenant().pk)
            run = BringRun.objects.select_for_update().get(pk=run_id)
            if run.state != RunState.RUNNING:
                return False
            rows = _chunk(run)
            if not rows:
                finish(run, kind)
                return False
            _write_chunk(run, kind, rows)
            run.rows_done += len(rows)
            run.heartbeat_at = now()
            run.save(update_fields=["rows_done", "heartbeat_at"])
        if time.monotonic() >= until:
            return True


def _chunk(run: BringRun) -> list[BringRow]:
    """Return the next rows, up to one that completes another of them."""
    rows: list[BringRow] = []
    for row in to_write(run)[:CHUNK]:
        if row.twin_line is not None and any(row.twin_line == one.line for one in rows):
            break
        rows.append(row)
    return rows


def _write_chunk(run: BringRun, kind: Kind, rows: Sequence[BringRow]) -> None:
    made = _made_for_twins(run, rows)
    asked = [_as_asked(run, kind, row, made) for row in rows]
    matches = kind.find(asked)
    before = {row.pk: (row.outcome, row.target) for row in rows}
    of_run = _made_by(run, matches)
    for row, match in zip(rows, matches, strict=True):
        _decide(run, kind, row, match, before[row.pk], of_run)
    _against_each_other(run, kind, rows)
    _create_many(run, kind, [row for row in rows if row.outcome in Outcome.writing() and not row.target])
    for row in rows:
        if row.outcome in Outcome.writing() and not row.is_written:
            _write(run, kind, row)
        row.is_done = row.outcome != Outcome.DECIDE
        if row.is_done and row.outcome != Outcome.REJECTED:
            row.cells, row.candidates = [], []
    # One statement for all: an UPDATE with a CASE for each row costs several times as much.
    BringRow.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tenant", "run", "line"],
        update_fields=[
            "outcome", "reason", "by", "name", "target", "about", "changes", "names", "candidates", "keys", "decision",
            "is_done", "is_written", "was_made", "cells", "twin_line",
        ],
    )  # fmt: skip


def _create_many(run: BringRun, kind: Kind, rows: Sequence[BringRow]) -> None:
    """Make what is new all at once; where one cannot be made, the halves apart, until it stands alone for `_write`."""
    if kind.create_many is None or len(rows) < 2:
        return
    try:
        with transaction.atomic():
            made = kind.create_many([(with_defaults(row.values, run.defaults), row.about) for row in rows])
    except _UNWRITABLE:
        half = len(rows) // 2
        _create_many(run, kind, rows[:half])
        _create_many(run, kind, rows[half:])
        return
    for row, target in zip(rows, made, strict=True):
        row.target, row.was_made, row.is_written = target, True, True


def _made_for_twins(run: BringRun, rows: Sequence[BringRow]) -> dict[int, UUID | None]:
    lines = [row.twin_line for row in rows if row.twin_line is not None]
    if not lines:
        return {}
    written = BringRow.objects.filter(run=run, line__in=lines, is_written=True)
    return dict(written.values_list("line", "target"))


def _as_asked(run: BringRun, kind: Kind, row: BringRow, made: Mapping[int, UUID | None]) -> Row:
    decided = row.decision
    if row.twin_line is not None and not kind.is_about:
        decided = str(made.get(row.twin_line) or "")
    return Row(row.line, framed(kind, row.values, run.defaults), decided)


def _made_by(run: BringRun, matches: Sequence[Match]) -> set[str]:
    """Return which rows that are matched were made by this very run."""
    ids = {match.target for match in matches if match.target}
    ids |= {one.id for match in matches for one in match.candidates}
    made = BringRow.objects.filter(run=run, target__in=ids, was_made=True)
    return {str(pk) for pk in made.values_list("target", flat=True)}


def _decide(
    run: BringRun, kind: Kind, row: BringRow, match: Match, before: tuple[str, UUID | None], of_run: set[str]
) -> None:
    """Write into a row what it does now, and make it a question where that is not what was shown."""
    outcome, target = before
    twin, by_hand = row.twin_line, row.decision
    if outcome == Outcome.NEW and match.candidates and all(one.id in of_run for one in match.candidates):
        match = Match(keys=match.keys, about=match.about)
    apply(kind, row, match, run.defaults)
    row.twin_line = twin
    if twin is not None and not row.target and not kind.is_about:
        row.outcome = Outcome.REJECTED
        row.reason = f"It completes line {figure(twin)}, which was not written."
        return
    if row.outcome == Outcome.DECIDE:
        row.decision = ""
        if outcome != Outcome.DECIDE:
            row.reason = f"Since you looked, there is something like it. {row.reason}"
        return
    if by_hand or twin is not None or row.outcome not in Outcome.writing() or str(row.target) in of_run:
        return
    if outcome == Outcome.NEW and row.outcome == Outcome.CERTAIN:
        row.outcome, row.target = Outcome.DECIDE, None
        row.candidates = [{"id": match.target, "name": match.name, "note": "", "evidence": match.reason}]
        row.reason = f"Since you looked, somebody has made {match.name}. {match.reason}"
    elif (
        outcome == Outcome.CERTAIN
        and row.target != (target and str(target))
        and str(row.target) != str(target)
    ):
        row.outcome = Outcome.REJECTED
        row.reason = "What this row meant is no longer here, or means another now. Bring the row again."


def _against_each_other(run: BringRun, kind: Kind, rows: Sequence[BringRow]) -> None:
    """Reject rows that contradict what others of the file say of the same: only decisions can lead there."""
    targets = [row.target for row in rows if row.target]
    settled = Q(is_written=True) | Q(outcome=Outcome.UNCHANGED)
    written = BringRow.objects.filter(settled, run=run, target__in=targets)
    said: dict[str, dict[str, str]] = {}
    for one in written:
        said.setdefault(str(one.target), {}).update(one.values)
    for row in rows:
        if not row.target or row.outcome not in Outcome.writing():
            continue
        earlier = said.setdefault(str(row.target), {})
        if against := contradictions(kind, earlier, row.values):
            label, _, _ = against[0]
            row.outcome = Outcome.REJECTED
            row.reason = (
                f"Another row of this file says something else of {row.name}: {label}. Keep one of them."
            )
        else:
            earlier.update(row.values)


def _write(run: BringRun, kind: Kind, row: BringRow) -> None:
    try:
        with transaction.atomic():
            if row.target:
                kind.update(
                    UUID(str(row.target)), {key: new for key, (_, new) in row.changes.items()}, row.values
                )
            else:
                values = with_defaults(row.values, run.defaults)
                row.target, row.was_made = kind.create(values, row.about), True
        row.is_written = True
    except Refused as refused:
        row.outcome, row.reason = Outcome.REJECTED, refused.message
    except ValidationError as invalid:
        row.outcome, row.reason = Outcome.REJECTED, " ".join(invalid.messages)
    except (IntegrityError, DataError):
        row.outcome = Outcome.REJECTED
        row.reason = (
            "This contradicts something that is here already, and was not written. Look at both by hand."
        )
    if not row.is_written:
        row.target, row.was_made = None, False


def finish(run: BringRun, kind: Kind) -> None:
    """Note that a run is over, with what came of its rows."""
    run.counts = BringRow.objects.filter(run=run).counted()
    run.state, run.finished_at = RunState.DONE, now()
    wrote = BringRow.objects.filter(run=run, is_written=True).exists()
    run.message = "" if wrote else "Nothing in it was new: nothing was written."
    run.save(update_fields=["counts", "state", "finished_at", "message"])


def is_new(row: BringRow) -> bool:
    """Return whether a person has decided that a row is something new."""
    return row.decision == NEW
