"""Runs: opened, given files, read, started, stopped, settled. What a run does is in `orders.runs.execution`."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q

from orders.doors.files import uploads
from orders.ingest.errors import BrokenFile, Stopped
from orders.ingest.merging.merge import lock_orders
from orders.ingest.stage import Stage
from orders.proof.check import check_accepted
from orders.runs import undo
from orders.runs.corrections.bring import Alike
from orders.runs.execution import execute
from orders.runs.kept import to_json
from orders.runs.models import ImportRun, RunFile
from orders.runs.preview import Preview, preview
from orders.runs.progress import DEAD_AFTER, Progress
from orders.runs.states import ACTIVE_RUNS, UNDECIDED, RunState
from orders.sources.models import OrderSource
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.core.types import Json
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires
from prm.tenancy.work.service import is_asked, withdraw
from prm.ui.formatting import plural


def _forgotten() -> datetime:
    """Return the moment before which files that nobody decided about are removed."""
    return now() - timedelta(days=settings.UPLOAD_DAYS)


@requires(Right.IMPORT_RUN)
@transaction.atomic
def open_run(
    source: OrderSource,
    names: Sequence[tuple[str, int]],
    *,
    state: RunState = RunState.QUEUED,
    accepted: Sequence[str] = (),
    corrects: Alike | None = None,
) -> ImportRun:
    """Open a run for inputs given by (name, bytes). Raises `Refused` for a source that is switched off.

    `accepted` are readings that hold for these inputs alone, as `date=day-first`; one that is none is refused.
    """
    if problem := check_accepted(accepted):
        raise Refused(problem, field="accept", code="accept")
    settle_dead_runs()
    if not source.is_active:
        raise Refused(f"The source {source.name} is switched off.", code="source_off")
    actor = current_actor()
    files = [RunFile(name=name, bytes=size, lines=0, stored_as="") for name, size in names]
    return ImportRun.objects.create(
        source=source,
        door=actor.door,
        by=actor.label,
        state=state,
        files=files,
        accepted=list(accepted),
        corrects=asdict(corrects) if corrects else {},
    )


@requires(Right.IMPORT_RUN)
@transaction.atomic
def receive(source: OrderSource, files: Sequence["File[bytes]"]) -> ImportRun:
    """Keep files for a run, and have them read for its preview in the background.

    Raises `Refused` without files, for too many, when together they exceed `UPLOAD_LIMIT`, when with those that
    wait already they exceed the tenant's share of the storage, and for a source that is switched off.
    """
    uploads.check(files)
    forget_old()
    _check_quota(files)
    names = [(uploads.shown_name(file), file.size) for file in files]
    run = open_run(source, names, state=RunState.READING)
    for place, (entry, file) in enumerate(zip(run.files, files, strict=True)):
        entry["stored_as"] = uploads.keep(file, f"{current_tenant().pk}/{run.pk}-{place}")
    run.save(update_fields=["files"])
    _send_to_be_read(run)
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def receive_kept(source: OrderSource, name: str, size: int, stored_as: str) -> ImportRun:
    """Take over a file that lies in the storage already, and have it read for its preview in the background."""
    run = open_run(source, [(name, size)], state=RunState.READING)
    run.files[0]["stored_as"] = stored_as
    run.save(update_fields=["files"])
    _send_to_be_read(run)
    return run


def _check_quota(files: Sequence["File[bytes]"]) -> None:
    """Refuse files for which the tenant has no room left. Two uploads at once are counted one after the other."""
    lock_tenant("uploads", current_tenant().pk)
    kept = [
        entry
        for run in ImportRun.objects.exclude(state=RunState.DONE)
        for entry in run.files
        if entry["stored_as"]
    ]
    uploads.check_quota(
        files=len(kept) + len(files),
        size=sum(entry["bytes"] for entry in kept) + sum(file.size for file in files),
    )


@requires(Right.IMPORT_RUN)
@transaction.atomic
def read_again(run_id: UUID) -> ImportRun:
    """Have the files of an undecided run read anew, for its source has changed or time has passed."""
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state != RunState.PREVIEW:
        return run
    run.state, run.message, run.preview = RunState.READING, "", {}
    run.save(update_fields=["state", "message", "preview"])
    _send_to_be_read(run)
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def accept(run_id: UUID, choice: str) -> ImportRun:
    """Let a reading hold for the files of an undecided run alone, and have them read anew."""
    if problem := check_accepted([choice]):
        raise Refused(problem, code="accept")
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if choice not in run.accepted:
        run.accepted = [*run.accepted, choice]
        run.save(update_fields=["accepted"])
    return read_again(run_id)


def _send_to_be_read(run: ImportRun) -> None:
    # Only the first lines of a large file are read, but a workbook is unpacked as a whole.
    send_task("orders.preview_run", size=uploads.work_size(run.kept_files, run.bytes), run_id=str(run.pk))


@requires(Right.IMPORT_RUN)
def look(run_id: UUID) -> None:
    """Read the kept files of a run and keep what an import would do; one that was thrown away is left alone."""
    with transaction.atomic():
        ImportRun.objects.filter(pk=run_id).update(
            started_at=now(), heartbeat_at=now(), lines_done=0, lines_total=0
        )
        run = ImportRun.objects.select_related("source").get(pk=run_id)
    if run.state != RunState.READING:
        return
    message = ""
    found: Json = {}
    try:
        found = to_json(_preview(run), run)
    except Stopped:
        return
    except (BrokenFile, Refused) as error:
        message = str(error)
    except Exception as error:
        _has_looked(
            run,
            {},
            f"Something went wrong here ({type(error).__name__}). Nothing was written; read it again.",
        )
        raise
    _has_looked(run, found, message)


def _preview(run: ImportRun) -> Preview:
    with (
        uploads.kept_inputs(run.kept_files) as inputs,
        Progress(run, run.bytes, state=RunState.READING) as progress,
    ):

        def report(stage: Stage, bytes_file: int) -> None:
            progress.read(lines=stage.intake.lines, rejected=stage.rejects.count, bytes_file=bytes_file)

        return preview(run.source, inputs, accepted=run.accepted, report=report)


@transaction.atomic
def _has_looked(run: ImportRun, found: Json, message: str) -> None:
    ImportRun.objects.filter(pk=run.pk, state=RunState.READING).update(
        state=RunState.PREVIEW, preview=found, message=message
    )


@requires(Right.IMPORT_RUN)
@transaction.atomic
def start(run_id: UUID) -> ImportRun:
    """Start a run that waits for its person, or one that had failed, in the background.

    One that runs already is left alone. Raises `Refused` when its files are gone.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state in ACTIVE_RUNS:
        return run
    if run.state == RunState.READING:
        raise Refused("The file is still being read. Look at its preview first.", code="still_reading")
    if run.state == RunState.DONE or not (run.corrects or any(entry["stored_as"] for entry in run.files)):
        raise Refused("The file is no longer here. Choose it again.", code="file_gone")
    run.state, run.message, run.stop_asked, run.finished_at = RunState.QUEUED, "", False, None
    run.save(update_fields=["state", "message", "stop_asked", "finished_at"])
    send_task("orders.import_run", size=uploads.work_size(run.kept_files, run.bytes), run_id=str(run.pk))
    return run


@requires(Right.IMPORT_RUN)
def perform(run_id: UUID) -> ImportRun:
    """Import the kept files of a run that was started; remove them when they are needed no more."""
    with transaction.atomic():
        run = ImportRun.objects.select_related("source").get(pk=run_id)
    if run.corrects:
        return _perform_correction(run_id)
    try:
        with uploads.kept_inputs(run.kept_files) as inputs:
            run = execute(run_id, inputs, again=True)
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


def _perform_correction(run_id: UUID) -> ImportRun:
    """Bring the rejected rows of a run as it corrects them."""
    with transaction.atomic():
        run = ImportRun.objects.select_related("source").get(pk=run_id)
    alike = Alike(**run.corrects)
    return execute(run_id, [], again=True, rows=lambda: alike.rows(run.source))


@requires(Right.IMPORT_RUN)
@transaction.atomic
def stop(run_id: UUID) -> ImportRun:
    """Ask a run to stop; one that has not begun is over at once."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state == RunState.RUNNING:
        run.stop_asked = True
        run.save(update_fields=["stop_asked"])
    elif run.state in (RunState.QUEUED, *UNDECIDED):
        run.state, run.finished_at = RunState.CANCELLED, now()
        run.message = "Stopped before it began. Nothing of it was written."
        for name in ("orders.preview_run", "orders.import_run"):
            withdraw(name, {"run_id": str(run.pk)})
        run.save(update_fields=["state", "finished_at", "message"])
        _discard_files(run)
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def take_back(run_id: UUID) -> ImportRun:
    """Remove the orders that a run brought and set those it changed back; months follow.

    Raises `Refused` for a run that is not done, and with all that later depends on it.
    """
    lock_orders()
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state != RunState.DONE:
        raise Refused("Only an import that is done can be taken back.", code="not_done")
    if found := undo.hindrances_of(run):
        raise Refused(
            f"It cannot be taken back: {'; '.join(one.text for one in found)}.",
            code="something_depends_on_it",
        )
    undone = undo.undo(run)
    run.state, run.finished_at = RunState.TAKEN_BACK, now()
    run.message = (
        f"{plural(undone.removed, 'order')} removed, {plural(undone.restored, 'order')} set back as before,"
        f" by {current_actor().label or 'a program'}."
    )
    run.save(update_fields=["state", "finished_at", "message"])
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def settle_dead_runs() -> int:
    """Say of runs whose process has died what became of them; return how many had.

    Those that a worker was at are begun again by another one, and say so; others can be started again.
    """
    silent = now() - timedelta(seconds=DEAD_AFTER)
    settled = 0
    for run in ImportRun.objects.filter(
        Q(state__in=(RunState.RUNNING, RunState.READING), heartbeat_at__lt=silent)
        | Q(state__in=(RunState.QUEUED, RunState.READING), heartbeat_at=None, created_at__lt=silent)
    ):
        settled += _settle(run)
    return settled


def _settle(run: ImportRun) -> int:
    is_reading = run.state == RunState.READING
    if is_asked("orders.preview_run" if is_reading else "orders.import_run", {"run_id": str(run.pk)}):
        return 0
    mine = ImportRun.objects.filter(pk=run.pk, state=run.state)
    if is_reading:
        return mine.update(state=RunState.PREVIEW, message="Reading it ended in the middle. Read it again.")
    return mine.update(
        state=RunState.FAILED,
        finished_at=now(),
        message="The import ended in the middle (its process was stopped). Nothing of it was written; start it again.",
    )


@requires(Right.IMPORT_RUN)
def forget_old() -> None:
    """Remove files that nobody decided about for `UPLOAD_DAYS`, and their runs."""
    for run in ImportRun.objects.filter(state__in=UNDECIDED, created_at__lt=_forgotten()):
        _discard_files(run)
        run.delete()
    # One that failed can be started again for as long.
    for run in ImportRun.objects.filter(state=RunState.FAILED, finished_at__lt=_forgotten()):
        _discard_files(run)


@requires(Right.IMPORT_RUN)
def remove_strays() -> None:
    """Remove files of the tenant that no run knows (their request was broken off), once they are as old."""
    known = {
        entry["stored_as"] for files in ImportRun.objects.values_list("files", flat=True) for entry in files
    }
    for stored in uploads.kept_before(str(current_tenant().pk), _forgotten()):
        if stored not in known:
            uploads.discard(stored)


def _discard_files(run: ImportRun) -> None:
    for entry in run.files:
        if entry["stored_as"]:
            uploads.discard(entry["stored_as"])
            entry["stored_as"] = ""
    ImportRun.objects.filter(pk=run.pk).update(files=run.files)
