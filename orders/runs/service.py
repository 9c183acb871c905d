"""Runs: opened, given files, read, started, stopped, settled. What a run does is in `orders.runs.execution`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q

from orders.doors.files import uploads
from orders.doors.files.order import in_order
from orders.doors.files.uploads import Kept, Part
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
from prm.tenancy.context import current_actor, current_tenant, order_nouns
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
    files: Sequence[Part | tuple[str, int]],
    *,
    state: RunState = RunState.QUEUED,
    accepted: Sequence[str] = (),
    corrects: Alike | None = None,
) -> ImportRun:
    """Open a run for inputs, or such as are given by (name, bytes). Raises `Refused` for a source that is switched off.

    `accepted` are readings that hold for these inputs alone, as `date=day-first`; one that is none is refused.
    """
    if problem := check_accepted(accepted):
        raise Refused(problem, field="accept", code="accept")
    settle_dead_runs()
    if not source.is_active:
        raise Refused(f"The source {source.name} is switched off.", code="source_off")
    actor = current_actor()
    return ImportRun.objects.create(
        source=source,
        door=actor.door,
        by=actor.label,
        state=state,
        files=[_entry(Part(*given)) for given in files],
        accepted=list(accepted),
        corrects=asdict(corrects) if corrects else {},
    )


def _entry(part: Part) -> RunFile:
    entry = RunFile(name=part.name, bytes=part.bytes, lines=0, stored_as="")
    if part.member:
        entry["member"] = part.member
    if part.left_out:
        entry["left_out"] = list(part.left_out)
    return entry


@requires(Right.IMPORT_RUN)
@transaction.atomic
def receive(
    source: OrderSource,
    files: Sequence["File[bytes]"],
    *,
    accepted: Sequence[str] = (),
    start: bool = False,
    asked_as: str = "",
) -> ImportRun:
    """Keep files for a run, and have them read for its preview in the background; a ZIP file means the files in it.

    `start`: unless something is in doubt, they are imported without anybody's look. `asked_as` names the request: asked again
    with the same files it answers the run there is. Raises `Refused` for a name that came with other files.

    Raises `Refused` without files, for too many, when together they exceed `UPLOAD_LIMIT`, when with those that
    wait already they exceed the tenant's share of the storage, and for a source that is switched off.
    """
    uploads.check(files)
    forget_old()
    # Two uploads at once are counted, and looked for by their names, one after the other.
    lock_tenant("uploads", current_tenant().pk)
    asked_sum = _sum_of(source, files, accepted) if asked_as else ""
    if asked_as and (known := _asked_before(asked_as, asked_sum)):
        return known
    _check_quota(files)
    brought = [(place, part) for place, file in enumerate(files) for part in uploads.parts_of(file)]
    uploads.check_number(len(brought))
    brought = [brought[place] for place in in_order([part.name for _, part in brought])]
    run = open_run(source, [part for _, part in brought], state=RunState.READING, accepted=accepted)
    stored = [
        uploads.keep(file, f"{current_tenant().pk}/{run.pk}-{place}") for place, file in enumerate(files)
    ]
    for entry, (place, _) in zip(run.files, brought, strict=True):
        entry["stored_as"] = stored[place]
    run.starts_by_itself, run.asked_as, run.asked_sum = start, asked_as, asked_sum
    run.save(update_fields=["files", "starts_by_itself", "asked_as", "asked_sum"])
    _send_to_be_read(run)
    return run


def _sum_of(source: OrderSource, files: Sequence["File[bytes]"], accepted: Sequence[str]) -> str:
    """Return the checksum of a request: which source, which readings, the names and contents of its files."""
    total = sha256("\0".join([str(source.pk), *sorted(accepted)]).encode())
    for file in files:
        content = sha256()
        for block in file.chunks():
            content.update(block)
        file.seek(0)
        total.update(f"\0{uploads.shown_name(file)}\0{content.hexdigest()}".encode())
    return total.hexdigest()


def _asked_before(asked_as: str, asked_sum: str) -> ImportRun | None:
    known: ImportRun | None = ImportRun.objects.select_related("source").filter(asked_as=asked_as).first()
    if known is not None and known.asked_sum != asked_sum:
        raise Refused(
            "This Idempotency-Key came with another file, source or reading before. Send another key.",
            code="idempotency_key",
        )
    return known


@requires(Right.IMPORT_RUN)
@transaction.atomic
def receive_kept(source: OrderSource, name: str, stored_as: str) -> ImportRun:
    """Take over a file that lies in the storage already, and have it read for its preview in the background.

    Raises `Refused` when it is gone.
    """
    uploads.check_kept([Kept(name, stored_as)])
    run = open_run(source, uploads.parts_of_kept(name, stored_as), state=RunState.READING)
    for entry in run.files:
        entry["stored_as"] = stored_as
    run.save(update_fields=["files"])
    _send_to_be_read(run)
    return run


def _check_quota(files: Sequence["File[bytes]"]) -> None:
    """Refuse files for which the tenant has no room left."""
    kept = [
        entry
        for run in ImportRun.objects.exclude(state=RunState.DONE)
        for entry in run.files
        if entry["stored_as"]
    ]
    uploads.check_quota(
        files=len({entry["stored_as"] for entry in kept}) + len(files),
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
    is_mine = ImportRun.objects.filter(pk=run.pk, state=RunState.READING).update(
        state=RunState.PREVIEW, preview=found, message=message
    )
    if not is_mine or not run.starts_by_itself:
        return
    if message:
        ImportRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, finished_at=now())
    elif not (isinstance(found, dict) and _has_doubts(found)):
        start(run.pk)


def _has_doubts(found: Mapping[str, object]) -> bool:
    shown = found.get("shown")
    return isinstance(shown, dict) and bool(shown.get("doubts"))


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
@transaction.atomic
def start_accepting(run_id: UUID, accepted: Sequence[str]) -> ImportRun:
    """Start a run that waits; with readings to accept it is read anew, and starts by itself unless it is in doubt again.

    Raises `Refused` for a reading that is none, while something is in doubt, and as `start`.
    """
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state == RunState.PREVIEW and not accepted and _has_doubts(run.preview):
        raise Refused(
            "Another reading fits a column better: accept one of those that are offered.", code="doubts"
        )
    if not accepted or run.state != RunState.PREVIEW:
        return start(run_id)
    for choice in accepted:
        if problem := check_accepted([choice]):
            raise Refused(problem, field="accept", code="accept")
    run.accepted = [*run.accepted, *(choice for choice in accepted if choice not in run.accepted)]
    run.starts_by_itself = True
    run.save(update_fields=["accepted", "starts_by_itself"])
    return read_again(run_id)


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
        f"{plural(undone.removed, *order_nouns())} removed, {plural(undone.restored, *order_nouns())} set back as before,"
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
    for stored in {entry["stored_as"] for entry in run.files if entry["stored_as"]}:
        uploads.discard(stored)
    for entry in run.files:
        entry["stored_as"] = ""
    ImportRun.objects.filter(pk=run.pk).update(files=run.files)
