"""A file becomes rows, each with what it would do. Runs in the background; begun again, it begins from the start."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from activities.lists.reading import columns as guessing
from activities.lists.reading.readings import DATES, NUMBERS, chosen_of, open_places, readings_of
from activities.lists.reading.table import FileRow, chunks_of, look
from activities.lists.reading.values import Context, Unreadable, places_of, read_cell, rows_meant
from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.outcomes import apply, framed
from activities.lists.runs.twins import Twins
from activities.lists.states import Outcome, RunState
from orders.proof.study import Study
from prm.bringing import Kind, Row, Type
from prm.core.calendar import today
from prm.core.clock import now
from prm.tenancy.context import current_tenant

CHUNK: Final = 1_000

Report = Callable[[], None]


def plan(run: BringRun, kind: Kind, path: Path) -> None:
    """Read a file and keep what each of its rows would do; or say which columns a person has to choose.

    Raises `Refused` for a file that is no list.
    """
    found = look(
        path, run.name, wanted=lambda headings: _counted(run, kind, headings), report=lambda *_: _alive(run)
    )
    run.header, run.columns = found.header, _columns(run, kind, found.header)
    chosen = {kind.column(key): place for key, place in run.columns.items()}
    run.readings = readings_of(chosen, found.columns, run.readings)
    run.written_as = _written_as(found)
    run.rows_total = found.lines
    run.problem = _problem(run, kind)
    if run.problem:
        run.state = RunState.COLUMNS
        _save(run)
        return
    _save(run)
    _keep_rows(run, kind, path, found)


def _columns(run: BringRun, kind: Kind, header: Sequence[str]) -> dict[str, int]:
    if run.are_columns_chosen:
        return {key: place for key, place in run.columns.items() if place < len(header)}
    return guessing.guess(kind, header)


def _counted(run: BringRun, kind: Kind, header: Sequence[str]) -> list[int]:
    """Return the places of columns whose dates or numbers are to be proved."""
    columns = _columns(run, kind, header)
    return [place for key, place in columns.items() if kind.column(key).type in (*DATES, *NUMBERS)]


def _problem(run: BringRun, kind: Kind) -> str:
    if problem := guessing.problem_of(kind, run.columns, run.defaults):
        return problem
    places = open_places(run.readings)
    if not places:
        return ""
    named = ", ".join(str(run.header[place]) for place in places)
    return f"The file does not decide how {named} is to be read: {run.readings[str(places[0])]['evidence']}. Say how."


def _written_as(found: Study) -> dict[str, object]:
    if found.letters is None:
        return {"encoding": "", "evidence": ""}
    return {
        "encoding": found.letters.encoding,
        "evidence": "" if found.letters.is_certain else found.letters.evidence,
    }


@transaction.atomic
def _save(run: BringRun) -> None:
    BringRow.objects.filter(run=run).delete()
    run.save(update_fields=["header", "columns", "readings", "written_as", "rows_total", "problem", "state"])


def _alive(run: BringRun) -> None:
    moment = now()
    if run.heartbeat_at is None or (moment - run.heartbeat_at).total_seconds() > 1:
        with transaction.atomic():
            BringRun.objects.filter(pk=run.pk).update(heartbeat_at=moment)
        run.heartbeat_at = moment


def _keep_rows(run: BringRun, kind: Kind, path: Path, found: Study) -> None:
    maker, twins, done = RowMaker(run, kind), Twins(run, kind), 0
    for chunk in chunks_of(path, found, CHUNK):
        done += len(chunk)
        with transaction.atomic():
            rows = maker.rows_of(chunk)
            twins.compare(rows)
            BringRow.objects.bulk_create(rows)
            BringRun.objects.filter(pk=run.pk).update(rows_done=done, heartbeat_at=now())
    with transaction.atomic():
        counts = BringRow.objects.filter(run=run).counted()
        BringRun.objects.filter(pk=run.pk, state=RunState.READING).update(
            state=RunState.PREVIEW, counts=counts, rows_done=done, rows_total=done
        )


class RowMaker:
    """Makes rows of a run from rows of its file."""

    def __init__(self, run: BringRun, kind: Kind) -> None:
        tenant = current_tenant()
        self._run, self._kind = run, kind
        self._context = Context(ZoneInfo(tenant.timezone), today(tenant), tenant.currency)
        self._columns = [(kind.column(key), place) for key, place in run.columns.items()]
        self._places = places_of(run.columns)

    def rows_of(self, chunk: Sequence[FileRow]) -> list[BringRow]:
        """Return rows with what each would do; not saved."""
        rows = [self._row(one) for one in chunk]
        self._name_rows(rows)
        asked = [row for row in rows if row.outcome != Outcome.REJECTED]
        rows_asked = [Row(row.line, framed(self._kind, row.values, self._run.defaults)) for row in asked]
        matches = self._kind.find(rows_asked) if asked else []
        for row, match in zip(asked, matches, strict=True):
            apply(self._kind, row, match, self._run.defaults)
        return rows

    def _row(self, given: FileRow) -> BringRow:
        cells = [given.cells[place] if place < len(given.cells) else "" for place in self._places]
        row = BringRow(run=self._run, line=given.line, cells=[cell.replace("\0", "\ufffd") for cell in cells])
        if given.problem:
            row.outcome, row.reason = Outcome.REJECTED, given.problem
            return row
        try:
            row.values = self._values(given.cells)
        except Unreadable as bad:
            row.outcome, row.reason = Outcome.REJECTED, str(bad)
        return row

    def _values(self, cells: Sequence[str]) -> dict[str, str]:
        values = {}
        for column, place in self._columns:
            value = read_cell(column, cells[place], chosen_of(self._run.readings, place), self._context)
            # A blank cell is no answer, unless the person has said that it empties.
            if value or (self._run.blank_empties and column.may_be_emptied):
                values[column.key] = value
        return values

    def _name_rows(self, rows: Sequence[BringRow]) -> None:
        """Put the ids of rows for the words that name them; one question for each column."""
        for column, _ in self._columns:
            if column.type is not Type.ROW:
                continue
            meant = rows_meant(column, {row.values.get(column.key, "") for row in rows})
            for row in rows:
                if word := row.values.get(column.key):
                    found = meant[word]
                    row.values[column.key] = found.id
                    row.names = {**row.names, found.id: found.name}
                    if found.problem:
                        row.outcome, row.reason = Outcome.REJECTED, found.problem
