"""Rejected rows that come again, from their file or as a person corrected them: added to their orders, each once.

What comes is judged as a single correction is: under the tenant's order lock, beside the order that is held. Rows that
were settled meanwhile are left out; those that still cannot be stored stay where they wait.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

from orders.book.models import Order
from orders.ingest.cells import Cells
from orders.ingest.errors import BadCell, BrokenFile, Contradiction, ReadDifferently
from orders.ingest.merging.merge import lock_orders, outcomes
from orders.ingest.reading.identifiers import DATE_CELL
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.texts import NULL, unescape
from orders.ingest.rejected_rows import MOST_ROWS, REASONS, RejectedRow
from orders.ingest.service import rules_for, take
from orders.ingest.stage import Stage
from orders.ingest.states import RejectReason
from orders.proof.findings import NUMERIC
from orders.runs.models import ImportRun
from orders.runs.progress import Progress
from orders.runs.result import Result, result_of
from orders.sources.credits import shown
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from prm.core.clock import now
from prm.tenancy.context import current_actor

SETTLED: Final = "settled already"
# Rows whose problem is told one by one.
_TOLD: Final = 20
_SLICE: Final = 500
T = TypeVar("T")
# As `orders.rejects.states` spells them, a room above this one.
_OPEN: Final = "open"
_CORRECTED: Final = "corrected"


class Kept(Protocol):
    """What is asked of a rejected line (`orders.rejects.models.RejectedLine`)."""

    pk: UUID
    state: str
    reason: str
    field: str
    message: str
    raw: Cells
    variant: int
    run: ImportRun


@dataclass(frozen=True, slots=True)
class Alike:
    """Open rejected rows that are corrected alike: `to` is typed once for all that have `value` in `field`.

    `run` is the import that they were rejected in, "" for all of the source.
    """

    reason: str
    field: str
    value: str
    to: str = ""
    run: str = ""

    def rows(self, source: OrderSource) -> list[RejectedRow]:
        """Return the rows, corrected."""
        found = source.rejected_lines.filter(
            state=_OPEN, reason=self.reason, field=self.field, **{f"raw__{self.field}": self.value}
        )
        if self.run:
            found = found.filter(run=UUID(self.run))
        return [
            RejectedRow(1, line.line_no, line.pk, {**line.raw, self.field: self.to})
            for line in found.order_by("run", "file_no", "line_no")[:MOST_ROWS]
        ]


class Problem(NamedTuple):
    """Why a row cannot be stored: the reason, the field to look at, and in words."""

    reason: RejectReason
    field: str
    message: str


class Ready(NamedTuple):
    """A row that can be stored, with the rejected line that it settles and the number of its order."""

    line: Kept
    row: RejectedRow
    number: str

    @property
    def others(self) -> list[str]:
        """Return what tells it from rows that say the same: lines that differ in a column of no field stay two."""
        return [str(self.line.variant)] if self.line.variant else []


@dataclass(slots=True)
class Judged:
    """What would become of rejected rows by `spec`: `ready` to go in, `settled` meanwhile, or with `problems`."""

    spec: Spec
    ready: list[Ready] = field(default_factory=list)
    settled: int = 0
    problems: list[tuple[RejectedRow, Problem]] = field(default_factory=list)


def problem_of(maker: LineMaker, spec: Spec, cells: Cells) -> Problem | None:
    """Return the first thing wrong with a row as it is now; None for nothing."""
    needed = {"date": ""} if spec.mint_numbers else {"number": "", "date": ""}
    found = maker.problems(needed | cells)
    if found:
        name, error = found[0]
        return Problem(error.reason, name, error.message)
    try:
        maker.line_of(cells, 1)
    except BadCell as error:
        return Problem(error.reason, "", error.message)
    except Contradiction as error:
        return Problem(error.reason, error.field, error.message)
    return None


def other_code(held_code: str, number: str, code: str) -> Problem | None:
    """Return that a row names another code than the order that is held; None where it does not."""
    if not held_code or not code or held_code == code:
        return None
    message = f"Order {number} is held with the code {shown(held_code)}; this line says {shown(code)}."
    return Problem(RejectReason.TWO_CODES, "code", message)


def judge(source: OrderSource, rows: Sequence[RejectedRow], *, is_locked: bool = False) -> Judged:
    """Find out which rows can be stored. Raises `BrokenFile` for a row that is none of the source's rejected ones.

    `is_locked` also keeps others from settling them before the transaction ends.
    """
    lines = _lines(source, rows, is_locked=is_locked)
    spec = _read_by(source, lines.values())
    judged = Judged(spec)
    maker = LineMaker(rules_for(spec), lambda _product: None)
    good: list[Ready] = []
    seen: set[UUID] = set()
    for row in rows:
        line = lines.get(row.id)
        if line is None:
            raise BrokenFile(
                "",
                f"This row was not rejected from the source {source.name}. Nothing was taken.",
                line=row.line_no,
            )
        if line.state != _OPEN or line.pk in seen:
            judged.settled += 1
            continue
        seen.add(line.pk)
        problem = _of_others(line, row.cells) or problem_of(maker, spec, row.cells)
        if problem:
            judged.problems.append((row, problem))
        else:
            good.append(Ready(line, row, unescape(maker.line_of(row.cells, 1, by_hand=True).number)))
    held = _codes_held(source, [one.number for one in good])
    for ready in good:
        code = unescape(maker.line_of(ready.row.cells, 1).code)
        problem = other_code(held.get(ready.number, ""), ready.number, code)
        if problem:
            judged.problems.append((ready.row, problem))
        else:
            judged.ready.append(ready)
    # Side by side with the others of their order, and in the order of their file.
    judged.ready.sort(key=lambda one: (one.number, one.row.file_no, one.row.line_no))
    return judged


def _read_by(source: OrderSource, lines: Iterable[Kept]) -> Spec:
    """Return the rules by which lines are corrected: those of the import that rejected them. Raises `BrokenFile` for several."""
    read = {json.dumps(line.run.reading, sort_keys=True): line.run for line in lines}
    if len(read) > 1:
        raise ReadDifferently(
            "",
            "These rows come from imports that were read in different ways: bring those of each import by themselves.",
        )
    return next((run.rules for run in read.values()), source.rules)


def firm(cells: Cells, line: Kept) -> Cells:
    """Return corrected cells so that a later import, read in another way, makes nothing else of dates and numbers.

    Only of a line whose import was read in a way of its own: a date as a date cell, a number never with three decimals, which
    could be thousands.
    """
    if not line.run.reading:
        return cells
    spec = line.run.rules
    maker = LineMaker(rules_for(spec), lambda _product: None)
    kept = dict(cells)
    for name in ("date", *NUMERIC):
        text = maker.canonical(name, cells[name]) if cells.get(name, "").strip() else ""
        if name == "date" and text:
            kept[name] = f"{text}{DATE_CELL}"
        elif text and text != NULL:
            whole, point, decimals = text.partition(".")
            kept[name] = (
                whole
                + point.replace(".", spec.mark_of(name))
                + decimals
                + ("0" if len(decimals) == 3 else "")
            )
    return kept


def _of_others(line: Kept, cells: Cells) -> Problem | None:
    """Return that a row was rejected because of other rows, and nobody has changed it since."""
    reason = RejectReason.of(line.reason)
    if reason is None or not reason.is_of_others or _said(cells) != _said(line.raw):
        return None
    return Problem(reason, line.field, line.message)


def _said(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in cells.items() if cell.strip()}


def _lines(source: OrderSource, rows: Sequence[RejectedRow], *, is_locked: bool) -> dict[UUID, Kept]:
    lines = (
        source.rejected_lines.select_for_update(of=("self",)) if is_locked else source.rejected_lines.all()
    )
    ids = sorted({row.id for row in rows})
    found = lines.select_related("run__source")
    return {line.pk: line for some in _slices(ids) for line in found.filter(pk__in=some)}


def _codes_held(source: OrderSource, numbers: Iterable[str]) -> dict[str, str]:
    orders = Order.objects.filter(source=source).exclude(code="")
    found: dict[str, str] = {}
    for some in _slices(sorted(set(numbers))):
        rows = orders.filter(number__in=some).values_list("number", "code", "credits")
        found |= {number: shared or code for number, code, shared in rows}
    return found


def staged(stage: Stage, judged: Judged) -> Iterator[Ready]:
    """Put the rows on the stage; give those that contradict no other one. What remains is counted as rejected."""
    stage.intake.lines += len(judged.ready) + judged.settled + len(judged.problems)
    if judged.settled:
        stage.intake.left_out[REASONS, SETTLED] += judged.settled
    for _, problem in judged.problems:
        stage.rejects.count_again(problem.reason)
    for ready in judged.ready:
        line = stage.maker.line_of(ready.row.cells, ready.row.line_no, ready.others, by_hand=True)
        errors = stage.grouper.add_by_hand(line, 1)
        for error in errors:
            stage.rejects.count_again(error.reason)
            judged.problems.append((ready.row, Problem(error.reason, error.field, error.message)))
        if not errors:
            yield ready


def bring(run: ImportRun, rows: Callable[[], Sequence[RejectedRow]], progress: Progress) -> Result:
    """Add rejected rows to their orders, as the last step of a run that has begun; return the accounting."""
    lock_orders()
    judged = judge(run.source, rows(), is_locked=True)
    staying: list[Ready] = []
    taken = take(
        run.source,
        lambda stage: staying.extend(staged(stage, judged)),
        spec=judged.spec,
        run_id=run.pk,
        append=True,
        on_step=progress.at,
    )
    # An order that cannot be taken as a whole takes its rows with it: they wait on as they did.
    stored = outcomes()
    _settle(run, [one for one in staying if one.number in stored])
    result = result_of(taken)
    result.problems = [(row.line_no, problem.message) for row, problem in judged.problems[:_TOLD]]
    return result


def _settle(run: ImportRun, ready: Sequence[Ready]) -> None:
    moment, by = now(), current_actor().label
    cells = {one.line.pk: one.row.cells for one in ready}
    for some in _slices(list(cells)):
        lines = list(run.source.rejected_lines.filter(pk__in=some).select_related("run__source"))
        for line in lines:
            line.state, line.corrected, line.settled_in = _CORRECTED, firm(cells[line.pk], line), run
            line.settled_by, line.settled_at = by, moment
        run.source.rejected_lines.bulk_update(
            lines, ["state", "corrected", "settled_in", "settled_by", "settled_at"]
        )


def _slices(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for begin in range(0, len(values), _SLICE):
        yield values[begin : begin + _SLICE]
