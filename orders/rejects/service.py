"""What becomes of rejected lines: corrected and retried, retried as they are, dismissed, exported.

A correction adds the line to its order (or makes the order) on the same path as every import, and is
remembered: when the source sends the same bad content again, the correction is applied again.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from orders.book.models import Order
from orders.ingest.cells import Cells
from orders.ingest.errors import ReadDifferently
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.texts import unescape
from orders.ingest.rejected_rows import rejected_file
from orders.ingest.service import rules_for, take
from orders.ingest.stage import Stage
from orders.ingest.states import RejectReason
from orders.rejects.models import RejectedLine
from orders.rejects.states import RejectState
from orders.runs.corrections.bring import Alike, firm, judge, other_code, problem_of
from orders.runs.models import ImportRun
from orders.runs.service import open_run, perform
from orders.sources.models import OrderSource
from orders.sources.spec import FIELDS
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, say_of_orders
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

# So many lines are tried again while the person waits; more are in the background, in chunks of as many.
RETRIED_AT_ONCE: Final = 500
# Lines whose problem is told one by one.
TOLD: Final = 5


@requires(Right.IMPORT_RUN)
@transaction.atomic
def correct(line_id: UUID, cells: Mapping[str, str]) -> Order | None:
    """Store a rejected line as a person corrected it; gives its order.

    `cells` are texts by field, as in a file. Raises `Refused` naming the field that is still wrong.
    """
    line = _open(line_id)
    # A blank cell of a column that the source reads is blank, as in a file; another field was not filled in.
    read = {*line.source.rules.columns, *line.source.rules.header_columns}
    wanted = {
        name: value for name, value in cells.items() if name in FIELDS and (value.strip() or name in read)
    }
    return _store([(line, wanted)])[0]


class Foreseen(NamedTuple):
    """What a correction of many lines would do: how many there are, how many go in, into how many orders, and why not."""

    lines: int
    ready: int
    orders: int
    problems: list[tuple[int, str]]


@requires(Right.IMPORT_RUN)
@transaction.atomic
def foresee_alike(source: OrderSource, alike: Alike) -> Foreseen:
    """Return what `correct_alike` would do; nothing is written."""
    rows = alike.rows(source)
    try:
        judged = judge(source, rows)
    except ReadDifferently as broken:
        raise Refused(broken.message, code="read_differently") from broken
    problems = [(row.line_no, problem.message) for row, problem in judged.problems[:TOLD]]
    return Foreseen(len(rows), len(judged.ready), len({one.number for one in judged.ready}), problems)


@requires(Right.IMPORT_RUN)
def correct_alike(source: OrderSource, alike: Alike) -> ImportRun:
    """Type the right value once for all lines that have the same wrong one; return the import that brings them.

    It can be taken back like any import. Few are stored at once, more in the background. Raises `Refused` when no line
    is so, and when none of them could be stored with the value.
    """
    found = foresee_alike(source, alike)
    if not found.lines:
        raise Refused("No rejected row that waits is so. Somebody may have settled them.", code="settled")
    if not found.ready:
        raise Refused(found.problems[0][1], field="to", code="not_readable")
    words = FIELDS[alike.field]
    title = f"{words}: {alike.value.strip() or 'blank'} is {alike.to.strip() or 'blank'}"[:200]
    with transaction.atomic():
        run = open_run(source, [(title, 0)], corrects=alike)
        if found.lines > RETRIED_AT_ONCE:
            send_task("orders.import_run", run_id=str(run.pk))
            return run
    return perform(run.pk)


@requires(Right.IMPORT_RUN)
@transaction.atomic
def retry(lines: QuerySet[RejectedLine]) -> tuple[int, int]:
    """Try open lines again under the source's present rules. Return how many went in, how many not."""
    chosen = list(
        lines.filter(state=RejectState.OPEN)
        .select_for_update(of=("self",))
        .select_related("source", "run__source")
    )
    good: dict[tuple[UUID, str], list[tuple[RejectedLine, Cells]]] = {}
    for line in chosen:
        reason = RejectReason.of(line.reason)
        if reason is not None and reason.is_of_others:
            continue
        try:
            _check(line, line.raw)
        except Refused:
            continue
        read = line.source_id, json.dumps(line.run.reading, sort_keys=True)
        good.setdefault(read, []).append((line, dict(line.raw)))
    stored = 0
    for pairs in good.values():
        try:
            with transaction.atomic():
                _store(pairs)
        except Refused:
            continue
        stored += len(pairs)
    return stored, len(chosen) - stored


@requires(Right.IMPORT_RUN)
@transaction.atomic
def ask_retry(run_id: UUID, reason: str) -> None:
    """Have all open lines of a run with one reason tried again in the background."""
    send_task("orders.retry_rejects", run_id=str(run_id), reason=reason)


@requires(Right.IMPORT_RUN)
def retry_all(run_id: UUID, reason: str) -> tuple[int, int]:
    """Try all open lines of a run with one reason again, a chunk at a time; what went in stays in.

    Return how many went in, how many not. Called anew after a kill it goes on with those that are open.
    """
    stored = left = 0
    last: UUID | None = None
    while True:
        with transaction.atomic():
            lines = RejectedLine.objects.filter(run_id=run_id, reason=reason, state=RejectState.OPEN)
            after = lines.filter(pk__gt=last) if last else lines
            chunk = list(after.order_by("pk").values_list("pk", flat=True)[:RETRIED_AT_ONCE])
            if not chunk:
                return stored, left
            last = chunk[-1]
            some_stored, some_left = retry(RejectedLine.objects.filter(pk__in=chunk))
        stored, left = stored + some_stored, left + some_left


@requires(Right.IMPORT_RUN)
@transaction.atomic
def dismiss(lines: QuerySet[RejectedLine]) -> int:
    """Say that these lines need not go in. Return how many."""
    return lines.filter(state=RejectState.OPEN).update(
        state=RejectState.DISMISSED, settled_by=current_actor().label, settled_at=now()
    )


@requires(Right.IMPORT_RUN)
@transaction.atomic
def reopen(lines: QuerySet[RejectedLine]) -> int:
    """Undo `dismiss`."""
    return lines.filter(state=RejectState.DISMISSED).update(
        state=RejectState.OPEN, settled_by="", settled_at=None
    )


@requires(Right.IMPORT_RUN)
def as_file(source: OrderSource, lines: QuerySet[RejectedLine]) -> bytes:
    """Return open lines of one source as a file that it reads again: its own headings and form, the reasons last."""
    waiting = lines.filter(source=source, state=RejectState.OPEN).select_related("run")
    ordered = waiting.order_by("run_id", "file_no", "line_no")
    return rejected_file(source.rules, ((line.pk, line.raw, _why(line)) for line in ordered.iterator(1000)))


def _why(line: RejectedLine) -> str:
    names = {place: file["name"] for place, file in enumerate(line.run.files, start=1)}
    where = f"{line.heading} ({line.reason}), row {line.line_no} of {names.get(line.file_no, 'the import')}"
    return f"{where}: {line.message}"


def _open(line_id: UUID) -> RejectedLine:
    lines = RejectedLine.objects.select_for_update(of=("self",)).select_related("source", "run__source")
    line: RejectedLine | None = lines.filter(pk=line_id).first()
    if line is None or line.state != RejectState.OPEN:
        raise Refused("This line is settled already.", code="settled")
    return line


def _check(rejected: RejectedLine, cells: Mapping[str, str]) -> None:
    """Raise `Refused` naming the first field that is wrong, read as the import that rejected the line was read."""
    source, spec = rejected.source, rejected.run.rules
    maker = LineMaker(rules_for(spec), lambda _product: None)
    problem = problem_of(maker, spec, dict(cells))
    if problem is None:
        line = maker.line_of(dict(cells), 1)
        number = unescape(line.number)
        held = Order.objects.filter(source=source, number=number).exclude(code="").first()
        problem = other_code((held.credits or held.code) if held else "", number, unescape(line.code))
    if problem is not None:
        raise Refused(problem.message, field=problem.field, code=problem.reason)


def _store(pairs: Sequence[tuple[RejectedLine, Cells]]) -> list[Order | None]:
    """Store lines of one source whose imports were read in one way."""
    source, spec = pairs[0][0].source, pairs[0][0].run.rules
    for line, cells in pairs:
        _check(line, cells)
    numbers: list[str] = []

    def fill(stage: Stage) -> None:
        for line, cells in pairs:
            others = [str(line.variant)] if line.variant else []
            taken = stage.maker.line_of(cells, line.line_no, others, by_hand=True)
            for error in stage.grouper.add_by_hand(taken, 1):
                raise Refused(error.message, field=error.field, code=error.reason)
            numbers.append(unescape(taken.number))

    refused = take(source, fill, spec=spec, append=True).merged.refused
    if RejectReason.TWO_CURRENCIES in refused:
        raise Refused(
            say_of_orders("The {order} is held in another currency than this line."),
            field="currency",
            code=RejectReason.TWO_CURRENCIES,
        )
    if refused:
        raise Refused("The amount is too large.", field="amount", code=RejectReason.NUMBER_TOO_LARGE)
    for line, cells in pairs:
        line.state, line.corrected = RejectState.CORRECTED, firm(cells, line)
        line.settled_by, line.settled_at = current_actor().label, now()
    RejectedLine.objects.bulk_update(
        [line for line, _ in pairs], ["state", "corrected", "settled_by", "settled_at"], batch_size=500
    )
    held = {order.number: order for order in Order.objects.filter(source=source, number__in=numbers)}
    return [held.get(number) for number in numbers]
