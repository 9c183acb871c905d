"""Every step of a run: a list is brought, given columns, decided about, written, stopped, taken back, thrown away.

Who may bring a kind has all of its rights (`Kind.rights`); each step asks again. What takes long is a task: `look` reads,
`write` and `give_back` work in slices and may be begun again by another worker where the last one was killed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.db import transaction
from django.db.models import Sum

from activities.lists.kinds import find_kind
from activities.lists.reading.columns import problem_of
from activities.lists.reading.readings import ColumnReading
from activities.lists.reading.values import places_of
from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.planning import plan
from activities.lists.runs.returning import hindrances_of, return_for
from activities.lists.runs.writing import to_write, write_for
from activities.lists.states import ACTIVE, LEAVE, UNDECIDED, Outcome, RunState
from orders.doors.files import uploads
from orders.doors.files.uploads import Kept
from prm.accounts.rights import Right
from prm.bringing import NEW, Kind, Type
from prm.core.clock import now
from prm.core.csv import csv_text
from prm.core.errors import Refused
from prm.tenancy.context import Actor, acting_as, current_actor, current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires
from prm.tenancy.work.rules import SLICE_SECONDS
from prm.tenancy.work.service import is_asked, withdraw
from prm.ui.formatting import plural

#: Lists of one tenant that may wait for somebody's look at once.
MOST_WAITING: Final = 20
_DEAD_AFTER: Final = timedelta(seconds=60)
_TASKS: Final = {
    RunState.READING: "bringing.read_list",
    RunState.QUEUED: "bringing.write_list",
    RunState.RUNNING: "bringing.write_list",
    RunState.RETURNING: "bringing.take_back_list",
}
_REASON: Final = "Why it was not taken"


def _allowed(key: str) -> Kind:
    """Return a kind that who acts may bring. Raises `PermissionDenied`."""
    kind, actor = find_kind(key), current_actor()
    missing = [right for right in kind.rights if not actor.may(right)]
    if missing:
        raise PermissionDenied(f"Bringing {kind.nouns()[1]} needs the right {missing[0]}.")
    return kind


def _locked(run_id: UUID) -> tuple[BringRun, Kind]:
    run = BringRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise Refused("This list is no longer here.", code="not_found")
    return run, _allowed(run.kind)


def _send(run: BringRun) -> None:
    size = uploads.work_size([Kept(run.name, run.stored_as)], run.bytes)
    match RunState(run.state):
        case RunState.READING:
            send_task("bringing.read_list", size=size, run_id=str(run.pk))
        case RunState.RETURNING:
            send_task("bringing.take_back_list", size=size, run_id=str(run.pk))
        case _:
            send_task("bringing.write_list", size=size, run_id=str(run.pk))


def _read_defaults(kind: Kind, defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the values that new rows take where the list has none. Raises `Refused` for what is no value."""
    found = {}
    for key, value in defaults.items():
        if key not in [column.key for column in kind.all_columns()]:
            raise Refused(f"{key!r} is no column of this list.", field="defaults")
        column = kind.column(key)
        if value and column.type is Type.CHOICE and value not in column.choices():
            raise Refused(f"{value!r} is not one of: {', '.join(column.choices())}.", field="defaults")
        if value:
            found[key] = value
    return found


# --- brought and read --------------------------------------------------------------------------------


@requires(Right.IMPORT_RUN)
@transaction.atomic
def bring(
    kind_key: str,
    file: "File[bytes]",
    *,
    defaults: Mapping[str, str] | None = None,
    blank_empties: bool = False,
    start: bool = False,
    at_once: bool = False,
) -> BringRun:
    """Keep a file of a list and have it read in the background (`at_once`: the caller calls `look`).

    `start`: what is certain and new is written without anybody's look. Raises `Refused` for a file larger than
    `UPLOAD_LIMIT`, and when too much waits already.
    """
    kind = _allowed(kind_key)
    uploads.check([file])
    forget_old()
    waiting = BringRun.objects.filter(state__in=UNDECIDED)
    if waiting.count() >= MOST_WAITING:
        raise Refused(
            f"{MOST_WAITING} lists wait for somebody's look already. Bring or throw away one of them first.",
            field="file",
            code="quota",
        )
    size = BringRun.objects.exclude(stored_as="").aggregate(size=Sum("bytes"))["size"] or 0
    uploads.check_quota(files=waiting.count() + 1, size=size + file.size)
    actor = current_actor()
    run: BringRun = BringRun.objects.create(
        kind=kind.key, name=uploads.shown_name(file), bytes=file.size, door=actor.door, by=actor.label,
        defaults=_read_defaults(kind, defaults or {}), blank_empties=blank_empties, starts_by_itself=start,
    )  # fmt: skip
    run.stored_as = uploads.keep(file, f"{current_tenant().pk}/list-{run.pk}")
    run.save(update_fields=["stored_as"])
    if not at_once:
        _send(run)
    return run


@requires(Right.IMPORT_RUN)
def look(run_id: UUID) -> BringRun:
    """Read the file of a run: its rows are kept with what each would do. Begun again, it begins from the start."""
    with transaction.atomic():
        run, kind = _locked(run_id)
        if run.state != RunState.READING:
            return run
        run.started_at = run.heartbeat_at = now()
        run.rows_done = 0
        run.save(update_fields=["started_at", "heartbeat_at", "rows_done"])
    message = ""
    try:
        with uploads.kept_inputs([Kept(run.name, run.stored_as)]) as inputs:
            plan(run, kind, Path(inputs[0].path))
    except Refused as refused:
        message = refused.message
    except Exception as error:
        _fail(
            run_id, f"Something went wrong here ({type(error).__name__}). Nothing was written; read it again."
        )
        raise
    if message:
        _fail(run_id, message)
    with transaction.atomic():
        run = BringRun.objects.get(pk=run_id)
        if run.state == RunState.PREVIEW and run.starts_by_itself:
            _queue(run)
    return run


@transaction.atomic
def _fail(run_id: UUID, message: str) -> None:
    run = BringRun.objects.select_for_update().get(pk=run_id)
    run.state, run.message, run.finished_at = RunState.FAILED, message, now()
    run.save(update_fields=["state", "message", "finished_at"])


@requires(Right.IMPORT_RUN)
@transaction.atomic
def set_columns(
    run_id: UUID,
    *,
    columns: Mapping[str, int],
    readings: Mapping[int, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    blank_empties: bool = False,
) -> BringRun:
    """Say which column of the file holds what, and how dates and numbers are read; the file is read anew.

    `readings` are keys of choices by place. Raises `Refused` when the columns are not enough.
    """
    run, kind = _locked(run_id)
    if run.state not in UNDECIDED and run.state != RunState.FAILED:
        raise Refused("This list is being written already.", code="begun")
    uploads.check_kept([Kept(run.name, run.stored_as)])
    kept = _read_defaults(kind, defaults or {})
    if problem := problem_of(kind, columns, kept):
        raise Refused(problem, code="columns")
    if len(set(columns.values())) < len(columns):
        raise Refused("One column of the file is given to two things. Choose each once.", code="columns")
    found: dict[str, ColumnReading] = dict(run.readings)
    for place, key in (readings or {}).items():
        known = found.get(str(place), ColumnReading(evidence="", choices=[], chosen=""))
        found[str(place)] = ColumnReading(evidence=known["evidence"], choices=known["choices"], chosen=key)
    run.columns, run.are_columns_chosen, run.readings = dict(columns), True, found
    run.blank_empties, run.defaults = blank_empties, kept
    run.state, run.problem, run.message, run.counts = RunState.READING, "", "", {}
    run.save()
    _send(run)
    return run


@requires(Right.IMPORT_RUN)
@transaction.atomic
def set_defaults(run_id: UUID, defaults: Mapping[str, str]) -> BringRun:
    """Say what new rows take where they say nothing, by key; the file is read anew with the same columns.

    Raises `Refused` for a value that is none, and once the list is being written.
    """
    run, _ = _locked(run_id)
    return set_columns(
        run_id, columns=run.columns, defaults={**run.defaults, **defaults}, blank_empties=run.blank_empties
    )


@requires(Right.IMPORT_RUN)
@transaction.atomic
def read_again(run_id: UUID) -> BringRun:
    """Have a file read anew, since time has passed or its worker died."""
    run, _ = _locked(run_id)
    if run.state not in (RunState.PREVIEW, RunState.COLUMNS, RunState.FAILED):
        return run
    if BringRow.objects.filter(run=run, is_written=True).exists():
        raise Refused(
            "Some of this list is written already. Start it again to go on, or take it back.", code="begun"
        )
    uploads.check_kept([Kept(run.name, run.stored_as)])
    run.state, run.message = RunState.READING, ""
    run.save(update_fields=["state", "message"])
    _send(run)
    return run


# --- decided and written -----------------------------------------------------------------------------


@requires(Right.IMPORT_RUN)
@transaction.atomic
def decide(run_id: UUID, decision: str, *, row_ids: Collection[UUID] | None = None) -> int:
    """Say what rows mean that wait for it (all that still do without `row_ids`); return how many were decided.

    `decision` is the id of what is meant, "same" for the one that looks most like it, `NEW`, `LEAVE`, or "" to take
    a decision back.
    """
    run, kind = _locked(run_id)
    if run.state not in (RunState.PREVIEW, RunState.DONE):
        raise Refused("Nothing can be decided while the list is at work.", code="busy")
    rows = BringRow.objects.filter(run=run, outcome=Outcome.DECIDE, is_done=False)
    chosen = list(rows.filter(pk__in=row_ids) if row_ids is not None else rows.filter(decision=""))
    if decision == NEW and (kind.is_about or not kind.may_be_new):
        raise Refused(
            f"This list makes no new {kind.nouns()[0]} without knowing whose it is.", code="decision"
        )
    for row in chosen:
        row.decision = str(row.candidates[0]["id"]) if decision == "same" else decision
    if decision not in ("", "same", NEW, LEAVE):
        _check_id(decision)
    BringRow.objects.bulk_update(chosen, ["decision"], batch_size=1_000)
    return len(chosen)


def _check_id(decision: str) -> None:
    try:
        UUID(decision)
    except ValueError:
        raise Refused("This is the id of nobody.", code="decision") from None


@requires(Right.IMPORT_RUN)
@transaction.atomic
def start(run_id: UUID, *, at_once: bool = False) -> BringRun:
    """Write what is certain, new or decided, in the background; undecided rows wait and do not stop the rest.

    `at_once`: the caller calls `write` until nothing is left, and no worker does.
    """
    run, _ = _locked(run_id)
    if run.state in ACTIVE:
        return run
    if run.state in (RunState.READING, RunState.COLUMNS):
        raise Refused("The list is not read yet. Look at what it does first.", code="still_reading")
    if run.state == RunState.TAKEN_BACK:
        raise Refused("This list was taken back. Bring the file again.", code="taken_back")
    if not to_write(run).exists():
        raise Refused("Nothing of this list is to be written.", code="nothing")
    _queue(run, at_once=at_once)
    return run


def _queue(run: BringRun, *, at_once: bool = False) -> None:
    run.rows_total, run.rows_done = to_write(run).count(), 0
    run.state, run.message, run.started_at = RunState.QUEUED, "", now()
    run.save(update_fields=["rows_total", "rows_done", "state", "message", "started_at"])
    if not at_once:
        _send(run)


def _as_importer(run: BringRun) -> Actor:
    return Actor(kind="import", door=run.door or "task", label=run.by, user_id=current_actor().user_id)


@requires(Right.IMPORT_RUN)
def write(run_id: UUID, *, seconds: float = SLICE_SECONDS) -> bool:
    """Write rows of a run for so long; return whether there are more. A killed worker's successor goes on."""
    with transaction.atomic():
        run, kind = _locked(run_id)
        if run.state not in (RunState.QUEUED, RunState.RUNNING):
            return False
        run.state, run.heartbeat_at = RunState.RUNNING, now()
        run.save(update_fields=["state", "heartbeat_at"])
    try:
        with acting_as(_as_importer(run)):
            has_more = write_for(run_id, kind, seconds)
    except Exception as error:
        _fail(
            run_id,
            f"Something went wrong here ({type(error).__name__}). What is written stays; start it again to go on,"
            " or take it back.",
        )
        raise
    if not has_more:
        _discard_file(run_id)
    return has_more


@transaction.atomic
def _discard_file(run_id: UUID) -> None:
    run = BringRun.objects.select_for_update().get(pk=run_id)
    if run.state == RunState.DONE and run.stored_as:
        uploads.discard(run.stored_as)
        run.stored_as = ""
        run.save(update_fields=["stored_as"])


@requires(Right.IMPORT_RUN)
@transaction.atomic
def stop(run_id: UUID) -> BringRun:
    """Stop a run between two rows; what nobody has begun is thrown away with its file."""
    run, _ = _locked(run_id)
    if run.state in UNDECIDED or (
        run.state == RunState.FAILED and not run.rows.filter(is_written=True).exists()
    ):
        _withdraw(run)
        if run.stored_as:
            uploads.discard(run.stored_as)
        run.rows.all().delete()
        run.delete()
        return run
    if run.state in (RunState.QUEUED, RunState.RUNNING):
        _withdraw(run)
        run.state, run.finished_at = RunState.CANCELLED, now()
        run.counts = run.rows.all().counted()
        written = run.rows.filter(is_written=True).count()
        run.message = f"{plural(written, 'row')} written so far. Start it again to go on, or take it back."
        run.save(update_fields=["state", "finished_at", "counts", "message"])
    return run


def _withdraw(run: BringRun) -> None:
    for name in set(_TASKS.values()):
        withdraw(name, {"run_id": str(run.pk)})


# --- taken back --------------------------------------------------------------------------------------


@requires(Right.IMPORT_RUN)
@transaction.atomic
def take_back(run_id: UUID) -> BringRun:
    """Set back what a run changed and remove what it made, in the background.

    Raises `Refused` with all that later depends on it, and for a run that wrote nothing or is at work.
    """
    run, kind = _locked(run_id)
    if run.state == RunState.RETURNING:
        return run
    if run.is_active or run.state in UNDECIDED:
        raise Refused("The list is at work. Stop it first.", code="busy")
    written = run.rows.filter(is_written=True)
    if not written.exists():
        raise Refused("This list wrote nothing that could be taken back.", code="nothing")
    if hindrances := hindrances_of(run, kind):
        raise Refused(f"It cannot be taken back: {'; '.join(hindrances)}.", code="in_use")
    run.state, run.rows_total, run.rows_done = RunState.RETURNING, written.count(), 0
    run.message, run.started_at = "", now()
    run.save(update_fields=["state", "rows_total", "rows_done", "message", "started_at"])
    _send(run)
    return run


@requires(Right.IMPORT_RUN)
def give_back(run_id: UUID, *, seconds: float = SLICE_SECONDS) -> bool:
    """Take rows of a run back for so long; return whether there are more."""
    with transaction.atomic():
        run, kind = _locked(run_id)
    if run.state != RunState.RETURNING:
        return False
    with acting_as(_as_importer(run)):
        return return_for(run_id, kind, seconds)


# --- rejects, and what is old ------------------------------------------------------------------------


@requires(Right.IMPORT_RUN)
def rejects_csv(run_id: UUID) -> Iterator[str]:
    """Give the rejected rows as CSV that loads again: the file's own headings, and the reason last."""
    run = BringRun.objects.get(pk=run_id)
    _allowed(run.kind)
    places: Sequence[int] = places_of(run.columns)
    yield csv_text([*(str(run.header[place]) for place in places), _REASON], [])
    rows = BringRow.objects.filter(run=run, outcome=Outcome.REJECTED).order_by("line")
    for row in rows.iterator(chunk_size=1_000):
        yield csv_text([], [[*row.cells, row.reason]]).split("\r\n", 1)[1]


@requires(Right.IMPORT_RUN)
@transaction.atomic
def settle_dead_runs() -> None:
    """Give runs a clear end whose process was killed and that no worker will take up again."""
    silent = BringRun.objects.filter(
        state__in=(RunState.READING, RunState.RUNNING, RunState.RETURNING),
        heartbeat_at__lt=now() - _DEAD_AFTER,
    )
    for run in silent:
        if is_asked(_TASKS[RunState(run.state)], {"run_id": str(run.pk)}):
            continue
        was_reading = run.state == RunState.READING
        said = (
            "Nothing was written; read it again."
            if was_reading
            else "What is written stays: start it again to go on, or take it back."
        )
        run.state, run.finished_at = RunState.FAILED, now()
        run.message = f"The process that worked on it was killed. {said}"
        run.save(update_fields=["state", "finished_at", "message"])


@requires(Right.IMPORT_RUN)
@transaction.atomic
def forget_old() -> None:
    """Remove lists that nobody has decided about for `UPLOAD_DAYS` days, and files that wait for nothing."""
    old = now() - timedelta(days=settings.UPLOAD_DAYS)
    for run in BringRun.objects.filter(state__in=UNDECIDED, created_at__lt=old):
        if run.stored_as:
            uploads.discard(run.stored_as)
        run.rows.all().delete()
        run.delete()
    for run in (
        BringRun.objects.exclude(stored_as="")
        .exclude(state__in=(*UNDECIDED, *ACTIVE))
        .filter(created_at__lt=old)
    ):
        uploads.discard(run.stored_as)
        BringRun.objects.filter(pk=run.pk).update(stored_as="")
