"""Files that people upload: kept in the storage until their run is over, then removed.

Nothing about a file is believed but its bytes: its name is only shown, its type is found out by
reading it.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from orders.runs.models import ImportRun
from orders.runs.run import InputFile, execute, open_run
from orders.runs.states import ACTIVE_RUNS, RunState
from orders.sources.models import OrderSource
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant

MOST_FILES = 400
# Uploads that nobody started to import are removed after this long.
FORGOTTEN = timedelta(days=1)


@transaction.atomic
def receive(source: OrderSource, files: Sequence[File]) -> ImportRun:
    """Keep uploaded files for a run that waits for the person's look.

    Raises ``Refused`` without files, for too many, or when together they exceed ``UPLOAD_LIMIT``.
    """
    if not files:
        raise Refused("Choose a file.", field="files", code="required")
    if len(files) > MOST_FILES:
        raise Refused(f"At most {MOST_FILES} files at once; these are {len(files)}.", field="files")
    size = sum(file.size for file in files)
    if size > settings.UPLOAD_LIMIT:
        raise Refused(
            f"The files have {_megabytes(size)}; at most {_megabytes(settings.UPLOAD_LIMIT)} are taken at once."
            " Split them, or import them with the command import_orders.",
            field="files",
            code="too_large",
        )
    forget_old()
    names = [(Path(file.name or "orders").name[:200], file.size) for file in files]
    run = open_run(source, names, state=RunState.PREVIEW)
    for place, file in enumerate(files):
        stored = default_storage.save(f"imports/{current_tenant().pk}/{run.pk}-{place}", file)
        run.files[place]["stored_as"] = stored
    run.save(update_fields=["files"])
    return run


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.1f} MB"


@contextmanager
def local_files(run: ImportRun) -> Iterator[list[InputFile]]:
    """The run's files on this machine's disk; copied for the time being when they lie elsewhere.

    Raises ``Refused`` when they are gone.
    """
    with tempfile.TemporaryDirectory(prefix="prm-import-") as folder:
        found = []
        for place, entry in enumerate(run.files):
            stored = entry["stored_as"]
            if not stored or not default_storage.exists(stored):
                raise Refused(
                    f"The file {entry['name']} is no longer here. Choose it again.", code="file_gone"
                )
            found.append(InputFile(_path(stored, Path(folder) / str(place)), entry["name"]))
        yield found


def _path(stored: str, copy: Path) -> Path:
    try:
        return Path(default_storage.path(stored))
    except NotImplementedError:
        with default_storage.open(stored) as there, copy.open("wb") as here:
            shutil.copyfileobj(there, here)
        return copy


@transaction.atomic
def start(run_id: UUID) -> ImportRun:
    """Start a run that waits for its person, or one that had failed, in the background.

    Raises ``Refused`` when it runs already, or its files are gone.
    """
    from orders.runs.tasks import import_run  # tasks call services, so the name is looked up late

    run = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run_id)
    if run.state in ACTIVE_RUNS:
        return run
    if run.state == RunState.DONE or not any(entry["stored_as"] for entry in run.files):
        raise Refused("The file is no longer here. Choose it again.", code="file_gone")
    run.state, run.message, run.stop_asked, run.finished_at = RunState.QUEUED, "", False, None
    run.save(update_fields=["state", "message", "stop_asked", "finished_at"])
    import_run.send(run_id=str(run.pk))
    return run


def perform(run_id: UUID) -> ImportRun:
    """Import the files of a run that was started, and remove them when they are needed no more."""
    with transaction.atomic():
        run = ImportRun.objects.select_related("source").get(pk=run_id)
    try:
        with local_files(run) as files:
            run = execute(run_id, files)
    except Refused as refused:
        with transaction.atomic():
            ImportRun.objects.filter(pk=run_id).update(
                state=RunState.FAILED, message=refused.message, finished_at=now()
            )
        return run
    # A run that somebody else is at keeps its files; one that died is not seen here at all.
    if not run.is_active:
        with transaction.atomic():
            discard_files(run)
    return run


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
        discard_files(run)
    return run


def discard_files(run: ImportRun) -> None:
    """Remove the uploads of a run from the storage."""
    for entry in run.files:
        if entry["stored_as"]:
            default_storage.delete(entry["stored_as"])
            entry["stored_as"] = ""
    ImportRun.objects.filter(pk=run.pk).update(files=run.files)


def forget_old() -> None:
    """Remove uploads that nobody decided about for a day."""
    for run in ImportRun.objects.filter(state=RunState.PREVIEW, created_at__lt=now() - FORGOTTEN):
        discard_files(run)
        run.delete()
