"""One import: its inputs, its one transaction, its end.

The run's state is written in short transactions of its own before and after; everything else (orders,
lines, partners, months, rejected lines, and that the run is done) is one transaction. A process
that dies in the middle leaves no trace but a run that says "running"; `settle_dead_runs` notices.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, Self
from uuid import UUID

from django.db import transaction

from orders.ingest.cells import Cells, Input
from orders.ingest.errors import BadCell, BrokenFile, Contradiction, ReadAgain, Stopped
from orders.ingest.joining import joined
from orders.ingest.memory import peak_memory_mb, rarely_collecting
from orders.ingest.merging import sql
from orders.ingest.merging.merge import outcomes
from orders.ingest.rejected_rows import RejectedRow, rejected_rows
from orders.ingest.service import Taken, take
from orders.ingest.stage import Stage
from orders.ingest.states import RejectReason
from orders.proof.check import Doubt, Unproved, accepted_reading, doubts_of, is_suspicious
from orders.runs.corrections.bring import bring
from orders.runs.models import ImportRun
from orders.runs.progress import Progress
from orders.runs.result import Result, result_of
from orders.runs.states import RunState
from orders.sources.models import OrderSource
from prm.core.clock import now
from prm.tenancy.context import Actor, acting_as, current_actor, current_tenant


def execute(
    run_id: UUID,
    inputs: Sequence[Input],
    *,
    again: bool = False,
    rows: Callable[[], Sequence[RejectedRow]] | None = None,
) -> ImportRun:
    """Import the inputs of a run that waits; return the finished run, done or failed.

    `rows` gives rejected rows as somebody corrected them, instead of inputs; it is asked under the order lock.

    A run that is no longer waiting (stopped, or taken by another worker) is left alone; with `again` one
    that says it runs is begun anew, by a worker that knows the one before it to be dead. Raises nothing for a broken input: the run says what is wrong. Anything unforeseen is noted on the run
    and raised.
    """
    started = time.monotonic()
    run = _start(run_id, (RunState.QUEUED, RunState.RUNNING) if again else (RunState.QUEUED,))
    if run is None:
        return _get(run_id)
    actor = Actor(kind="import", door=run.door, label=run.by, user_id=current_actor().user_id)
    size = sum(given.size for given in inputs)
    try:
        with rarely_collecting(), acting_as(actor), Progress(run, size) as progress, transaction.atomic():
            result = bring(run, rows, progress) if rows else _import(run, inputs, progress)
            result.seconds = round(time.monotonic() - started, 2)
            result.peak_memory_mb = peak_memory_mb()
            progress.close()
            _finish(run, result)
    except BrokenFile as broken:
        return _end(run_id, RunState.FAILED, str(broken))
    except Unproved as unproved:
        return _end(run_id, RunState.FAILED, str(unproved))
    except Stopped:
        return _end(run_id, RunState.CANCELLED, "Stopped. Nothing of it was written.")
    except Exception as error:
        _end(
            run_id,
            RunState.FAILED,
            f"Something went wrong here ({type(error).__name__}). Nothing was written.",
        )
        raise
    return _get(run_id)


def _import(run: ImportRun, inputs: Sequence[Input], progress: Progress) -> Result:
    again = rejected_rows(inputs, run.source.rules)
    if again is not None:
        for row in again:
            run.files[row.file_no - 1]["lines"] += 1
        return bring(run, lambda: again, progress)
    run.reading = accepted_reading(run.source.rules, run.accepted, inputs)
    spec = run.rules

    def fill(stage: Stage) -> None:
        stage.intake.corrections = corrections
        progress.bytes_before = 0
        found = joined(inputs, stage.rules.spec, stage.maker)
        for file_no, given in found.inputs:
            run.files[file_no - 1]["lines"] = _read(stage, given, file_no, run.source, progress)
        found.finish(stage)
        if doubts := doubts_about(stage, [given for _, given in found.inputs], run.accepted):
            raise Unproved(doubts)
        for file_no, lines in found.headers.lines_of_file.items() if found.headers else ():
            run.files[file_no - 1]["lines"] = lines

    corrections = run.source.rejected_lines.corrections()
    try:
        with transaction.atomic():
            taken = take(run.source, fill, spec=spec, run_id=run.pk, leave_held=True, on_step=progress.at)
    except ReadAgain:
        # Another version of an order was taken while this one was read.
        corrections = run.source.rejected_lines.corrections()
        taken = take(run.source, fill, spec=spec, run_id=run.pk, on_step=progress.at)
    return result_of(taken, again=_correct_again(run, taken))


def _correct_again(run: ImportRun, taken: Taken) -> Counter[RejectReason]:
    """Add corrected lines to the orders that this run has just replaced; return how many, by reason.

    Somebody may correct a line while a newer file with the same bad line is read; and lines of scattered
    orders are rejected late. The order lock is held, so no further correction comes between.
    """
    added: Counter[RejectReason] = Counter()
    if run.source.rules.adds:
        # What was corrected is in its order, which was not replaced.
        return added
    changed = {number for number, outcome in outcomes().items() if outcome != "unchanged"}
    values = {"tenant": current_tenant().pk, "source": run.source_id}
    rows = sql.CORRECTED_ALREADY.rows(_Correction.of, values) if taken.stage.rejects.count and changed else []
    wanted = [row for row in rows if taken.stage.maker.number_of(row.cells) in changed]

    def fill(stage: Stage) -> None:
        for row in wanted:
            try:
                line = stage.maker.line_of(row.cells, row.line_no, by_hand=True)
            except (BadCell, Contradiction):
                continue
            reason = RejectReason.of(row.reason)
            if reason is not None and not stage.grouper.add_by_hand(line, 1):
                added[reason] += 1

    if wanted:
        take(run.source, fill, run_id=run.pk, append=True)
    return added


def doubts_about(stage: Stage, inputs: Sequence[Input], accepted: Collection[str]) -> list[Doubt]:
    """Return what another reading fits better in inputs that are on the stage; nothing of it is written yet."""
    if not is_suspicious(stage.rejects.by_reason):
        return []
    return [doubt for given in inputs for doubt in doubts_of(given, stage.rules.spec, accepted=accepted)]


class _Correction(NamedTuple):
    """A row of `CORRECTED_ALREADY`."""

    reason: str
    line_no: int
    cells: Cells

    @classmethod
    def of(cls, reason: str, line_no: int, cells: str) -> Self:
        """Return the row; JSON comes as text."""
        return cls(reason, line_no, json.loads(cells))


def _read(stage: Stage, given: Input, file_no: int, source: OrderSource, progress: Progress) -> int:
    def report(bytes_done: int) -> None:
        progress.read(lines=stage.intake.lines, rejected=stage.rejects.count, bytes_file=bytes_done)

    stage.intake.report = report
    with given.open(stage.rules.spec) as table:
        lines = stage.intake.feed(table, file_no, name=given.name)
    progress.bytes_before += given.size
    progress.bytes_file = 0
    return lines


@transaction.atomic
def _start(run_id: UUID, states: Collection[RunState]) -> ImportRun | None:
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state not in states:
        return None
    if run.stop_asked:
        _end(run_id, RunState.CANCELLED, "Stopped. Nothing of it was written.")
        return None
    run.state, run.step, run.message, run.stop_asked = RunState.RUNNING, "read", "", False
    run.started_at = run.heartbeat_at = now()
    run.save()
    return run


def _finish(run: ImportRun, result: Result) -> None:
    run.state, run.step, run.finished_at = RunState.DONE, "done", now()
    run.counts = result.to_json()
    run.lines_total = run.lines_done = result.lines.read
    run.rejected = result.lines.rejected
    run.message = "" if result.wrote else "Nothing in it was new: nothing was written."
    run.save()


@transaction.atomic
def _end(run_id: UUID, state: RunState, message: str) -> ImportRun:
    ImportRun.objects.filter(pk=run_id).update(state=state, message=message, finished_at=now())
    return _get(run_id)


@transaction.atomic
def _get(run_id: UUID) -> ImportRun:
    return ImportRun.objects.select_related("source").get(pk=run_id)
