"""One import run: its files, its one transaction, its end.

The run's state is written in short transactions of its own before and after; everything else (orders,
lines, partners, months, rejected lines, and that the run is done) is one transaction. A process
that dies in the middle leaves no trace but a run that says "running"; :func:`settle_dead_runs`
notices and says so.
"""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from orders.doors.files.reader import Table
from orders.ingest.errors import BrokenFile, Stopped
from orders.ingest.merge import Merge
from orders.ingest.rules import Rules
from orders.ingest.stage import Stage, staging
from orders.rejects.models import RejectedLine
from orders.rejects.states import RejectState
from orders.runs.models import ImportRun
from orders.runs.progress import DEAD_AFTER, Progress
from orders.runs.result import Result, result_of
from orders.runs.states import RunState
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from partners.standing.service import request_restanding
from prm.core.calendar import today
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import Actor, acting_as, current_actor, current_tenant

# Corrections by hand that are remembered while a file of their source is read.
_CORRECTIONS = 20_000


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file on this machine's disk, and the name people know it by."""

    path: Path
    name: str


def rules_for(spec: Spec) -> Rules:
    """The rules of a specification for the tenant in scope, today."""
    tenant = current_tenant()
    return Rules(
        spec=spec,
        zone=ZoneInfo(spec.timezone or tenant.timezone),
        currency=tenant.currency,
        today=today(tenant),
    )


@transaction.atomic
def open_run(
    source: OrderSource, names: Sequence[tuple[str, int]], *, state: RunState = RunState.QUEUED
) -> ImportRun:
    """A new run for files given by (name, bytes). Raises ``Refused`` for a source that rests."""
    settle_dead_runs()
    if not source.is_active:
        raise Refused(f"The source {source.name} is switched off.", code="source_off")
    actor = current_actor()
    return ImportRun.objects.create(
        source=source,
        door=actor.door,
        by=actor.label,
        state=state,
        files=[{"name": name, "bytes": size, "lines": 0, "stored_as": ""} for name, size in names],
    )


def execute(run_id: UUID, files: Sequence[InputFile]) -> ImportRun:
    """Import the files of a run that waits. Gives the finished run, done or failed.

    A run that is no longer waiting (stopped, or taken by another worker) is left alone. Raises
    nothing for a broken file: the run says what is wrong. Anything unforeseen is noted on the run
    and raised.
    """
    started = time.monotonic()
    run = _start(run_id)
    if run is None:
        return _get(run_id)
    actor = Actor(kind="import", door=run.door, label=run.by, user_id=current_actor().user_id)
    size = sum(file.path.stat().st_size for file in files)
    try:
        with acting_as(actor), Progress(run, size) as progress, transaction.atomic():
            result = _import(run, files, progress)
            result.seconds = round(time.monotonic() - started, 2)
            result.peak_memory_mb = peak_memory_mb()
            progress.close()
            _finish(run, result)
    except BrokenFile as broken:
        return _end(run_id, RunState.FAILED, str(broken))
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


def _import(run: ImportRun, files: Sequence[InputFile], progress: Progress) -> Result:
    source = run.source
    corrections = _corrections(source)
    with staging(rules_for(source.rules)) as stage:
        stage.intake.corrections = corrections
        for number, file in enumerate(files, start=1):
            _read(stage, file, number, run, progress)
    merged = Merge(source, run_id=run.pk, on_step=progress.at).run()
    result = result_of(stage.intake, stage.repeated, merged)
    if merged.touched:
        request_restanding(merged.touched)
    return result


def _read(stage: Stage, file: InputFile, number: int, run: ImportRun, progress: Progress) -> None:
    intake = stage.intake

    def report(bytes_done: int) -> None:
        progress.read(lines=intake.lines, rejected=intake.rejected, bytes_file=bytes_done)

    intake.report = report
    with Table(file.path, stage.rules.spec, name=file.name) as table:
        run.files[number - 1]["lines"] = intake.feed(table, number)
        progress.bytes_before += table.size
        progress.bytes_file = 0


def _corrections(source: OrderSource) -> dict[str, dict[str, str]]:
    settled = RejectedLine.objects.filter(source=source, state=RejectState.CORRECTED)
    return dict(settled.order_by("-id").values_list("fingerprint", "corrected")[:_CORRECTIONS])


@transaction.atomic
def _start(run_id: UUID) -> ImportRun | None:
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state != RunState.QUEUED:
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


@transaction.atomic
def settle_dead_runs() -> int:
    """Mark runs whose process has died as failed; they can be started again. Gives how many."""
    silent = now() - timedelta(seconds=DEAD_AFTER)
    return ImportRun.objects.filter(state=RunState.RUNNING, heartbeat_at__lt=silent).update(
        state=RunState.FAILED,
        finished_at=now(),
        message="The import ended in the middle (its process was stopped). Nothing of it was written; start it again.",
    )


def peak_memory_mb() -> float:
    """The most memory this process has used so far, in megabytes (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)
