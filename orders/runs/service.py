"""Runs: opened, given files, started, stopped, settled. What a run does is in `orders.runs.execution`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from orders.doors.files import uploads
from orders.runs.execution import execute
from orders.runs.models import ImportRun, RunFile
from orders.runs.progress import DEAD_AFTER
from orders.runs.states import ACTIVE_RUNS, RunState
from orders.sources.models import OrderSource
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

# Files that nobody started to import are removed after this long.
FORGOTTEN: Final = timedelta(days=1)


@requires(Right.IMPORT_RUN)
@transaction.atomic
def open_run(
    source: OrderSource, names: Sequence[tuple[str, int]], *, state: RunState = RunState.QUEUED
) -> ImportRun:
    """Open a run for inputs given by (name, bytes). Raises `Refused` for a source that is switched off."""
    settle_dead_runs()
    if not source.is_active:
        raise Refused(f"The source {source.name} is switched off.", code="source_off")
    actor = current_actor()
    files = [RunFile(name=name, bytes=size, lines=0, stored_as="") for name, size in names]
    return ImportRun.objects.create(source=source, door=actor.door, by=actor.label, state=state, files=files)


@requires(Right.IMPORT_RUN)
@transaction.atomic
def receive(source: OrderSource, files: Sequence["File[bytes]"]) -> ImportRun:
    """Keep files for a run that waits for the person's look.

    Raises `Refused` without files, for too many, when together they exceed `UPLOAD_LIMIT`, and for a
    source that is switched off.
    """
    uploads.check(files)
    forget_old()
    names = [(uploads.shown_name(file), file.size) for file in files]
    run = open_run(source, names, state=RunState.PREVIEW)
    for place, (entry, file) in enumerate(zip(run.files, files, strict=True)):
        entry["stored_as"] = uploads.keep(file, f"{current_tenant().pk}/{run.pk}-{place}")
    run.save(update_fields=["files"])
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def start(run_id: UUID) -> ImportRun:
    """Start a run that waits for its person, or one that had failed, in the background.

    One that runs already is left alone. Raises `Refused` when its files are gone.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state in ACTIVE_RUNS:
        return run
    if run.state == RunState.DONE or not any(entry["stored_as"] for entry in run.files):
        raise Refused("The file is no longer here. Choose it again.", code="file_gone")
    run.state, run.message, run.stop_asked, run.finished_at = RunState.QUEUED, "", False, None
    run.save(update_fields=["state", "message", "stop_asked", "finished_at"])
    send_task("orders.import_run", run_id=str(run.pk))
    return run


@requires(Right.IMPORT_RUN)
def perform(run_id: UUID) -> ImportRun:
    """Import the kept files of a run that was started; remove them when they are needed no more."""
    with transaction.atomic():
        run = ImportRun.objects.select_related("source").get(pk=run_id)
    try:
        with uploads.kept_inputs(run.kept_files) as inputs:
            run = execute(run_id, inputs)
    except Refused as refused:
        with transaction.atomic():
            ImportRun.objects.filter(pk=run_id).update(
                state=RunState.FAILED, message=refused.message, finished_at=now()
            )
        return run
    # A run that somebody else is at keeps its files; one that died is not seen here at all.
    if not run.is_active:
        with transaction.atomic():
            _discard_files(run)
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def stop(run_id: UUID) -> ImportRun:
    """Ask a run to stop; one that has not begun is over at once."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state == RunState.RUNNING:
        run.stop_asked = True
        run.save(update_fields=["stop_asked"])
    elif run.state in (RunState.QUEUED, RunState.PREVIEW):
        run.state, run.finished_at = RunState.CANCELLED, now()
        run.message = "Stopped before it began. Nothing of it was written."
        run.save(update_fields=["state", "finished_at", "message"])
        _discard_files(run)
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def settle_dead_runs() -> int:
    """Mark runs whose process has died as failed, so that they can be started again; return how many."""
    silent = now() - timedelta(seconds=DEAD_AFTER)
    return ImportRun.objects.filter(state=RunState.RUNNING, heartbeat_at__lt=silent).update(
        state=RunState.FAILED,
        finished_at=now(),
        message="The import ended in the middle (its process was stopped). Nothing of it was written; start it again.",
    )


@requires(Right.IMPORT_RUN)
def forget_old() -> None:
    """Remove files that nobody decided about for a day, and their runs."""
    for run in ImportRun.objects.filter(state=RunState.PREVIEW, created_at__lt=now() - FORGOTTEN):
        _discard_files(run)
        run.delete()


def _discard_files(run: ImportRun) -> None:
    for entry in run.files:
        if entry["stored_as"]:
            uploads.discard(entry["stored_as"])
            entry["stored_as"] = ""
    ImportRun.objects.filter(pk=run.pk).update(files=run.files)
