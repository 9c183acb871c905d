"""Orders that programs send as JSON: read strictly, then taken on the same path as every file.

An order with any error is rejected as a whole; the others of the batch go in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import transaction

from orders.book.models import Order
from orders.doors.rest.door import DOOR
from orders.doors.rest.schema import IncomingLine, IncomingOrder, OrderHead
from orders.ingest.cells import Cells
from orders.ingest.errors import BadCell, Contradiction
from orders.ingest.merging.merge import Refusal, outcomes, refusals
from orders.ingest.reading.lines import Line, LineMaker
from orders.ingest.reading.texts import unescape
from orders.ingest.service import take
from orders.ingest.stage import Stage
from orders.sources.models import OrderSource
from orders.sources.spec import SENT_BY_PROGRAMS, Spec
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.schema import Problem, SchemaError
from prm.tenancy.use_cases import requires

DEFAULT_SOURCE: Final = "API"
# What JSON says by itself, whatever the source says of its files.
_PLAIN: Final = {"date_formats": ("iso",), "decimal_mark": ".", "minor_units": False, "mint_numbers": False}


@dataclass(slots=True)
class Outcome:
    """What became of one order: created, corrected, unchanged, superseded or rejected.

    `number` is as it was sent, `key` as orders have it: `1001.0` is 1001.
    """

    number: str
    key: str = ""
    status: str = "rejected"
    id: UUID | None = None
    partner: UUID | None = None
    errors: list[Problem] = field(default_factory=list)


@requires(Right.ORDER_WRITE)
def source_for(name: str | None) -> OrderSource:
    """Return the source that orders are sent for; without a name the source "API", made when needed.

    Raises `Refused` for an unknown or switched-off source.
    """
    wanted = name or DEFAULT_SOURCE
    # The database has no text with a NUL in it and does not take one to look for either.
    known = OrderSource.objects.none() if "\0" in wanted else OrderSource.objects.filter(name=wanted)
    source: OrderSource | None = known.first()
    if source is None and name:
        raise Refused(f"No order source is called {name!r}.", field="source", code="unknown_source")
    if source is None:
        spec = Spec(columns=dict(SENT_BY_PROGRAMS), drop_exact_repeats=False)
        source, _ = OrderSource.objects.get_or_create(
            name=wanted, defaults={"kind": DOOR.key, "spec": spec.to_json()}
        )
    if not source.is_active:
        raise Refused(f"The source {source.name} is switched off.", field="source", code="source_off")
    return source


@requires(Right.ORDER_WRITE)
@transaction.atomic
def take_orders(source: OrderSource, orders: Sequence[object]) -> list[Outcome]:
    """Take orders of one source; return what became of each, in the order they were sent.

    The same number twice in one batch counts like two files: the later one stands.
    """
    # JSON says what its columns are; only how words and codes are to be understood is the source's.
    spec = source.rules.model_copy(
        update={"date_formats": ("iso",), "decimal_mark": ".", "minor_units": False}
    )
    taken: list[Outcome] = []

    def fill(stage: Stage) -> None:
        for place, sent in enumerate(orders, start=1):
            reading = _Reading(stage.maker, sent)
            taken.append(reading.outcome)
            if not reading.outcome.errors:
                stage.grouper.add(reading.lines, place)

    take(source, fill, spec=spec)
    _settle(source, taken, outcomes(), refusals())
    return taken


def _settle(
    source: OrderSource,
    taken: list[Outcome],
    by_number: Mapping[str, str],
    refused: Mapping[int, Refusal],
) -> None:
    """Say of each order that was good what the merge made of it."""
    held = {
        number: (pk, partner)
        for number, pk, partner in Order.objects.filter(
            source=source, number__in=[outcome.key for outcome in taken if not outcome.errors]
        ).values_list("number", "pk", "partner_id")
    }
    seen: set[str] = set()
    for place, outcome in reversed(list(enumerate(taken, start=1))):
        if outcome.errors:
            continue
        if why := refused.get(place):
            outcome.errors.append(Problem(why.field, why.message, why.reason))
            continue
        if outcome.key in seen:
            outcome.status = "superseded"
        else:
            # A refund that was taken off before is no change.
            outcome.status = by_number.get(outcome.key, "unchanged")
        seen.add(outcome.key)
        outcome.id, outcome.partner = held.get(outcome.key, (None, None))


class _Reading:
    """One order as sent: first judged by the schema, then, as far as that is right, by the rules of cells."""

    def __init__(self, maker: LineMaker, sent: object) -> None:
        self.maker = maker
        self.problems: list[Problem] = []
        self.lines: list[Line] = []
        try:
            head, lines = _parts(IncomingOrder.parse(sent))
        except SchemaError as error:
            self.problems.extend(error.problems)
            head, lines = self._right_parts(sent)
        self._judge(head)
        for place, line in lines.items():
            self._judge_line(head, line, place)
        key = unescape(self.lines[0].number) if self.lines else ""
        self.outcome = Outcome(head.get("number", "").strip(), key, errors=self.problems)

    def _right_parts(self, sent: object) -> tuple[Cells, dict[int, Cells]]:
        """Return those parts of a wrong order that are right, so that all is said about it at once."""
        if not isinstance(sent, dict):
            return {}, {}
        wrong = {problem.field.partition(".")[0] for problem in self.problems}
        head = OrderHead.parse({k: sent[k] for k in OrderHead.model_fields if k in sent and k not in wrong})
        cells = {ours: value for ours, value in head.cells().items() if _SENT_AS[ours] not in wrong}
        lines = [] if "lines" in wrong else sent.get("lines", [])
        right = {place: line for place, line in enumerate(lines) if f"lines[{place}]" not in wrong}
        return cells, {place: IncomingLine.parse(line).cells() for place, line in right.items()}

    def _judge(self, head: Cells) -> None:
        for name, problem in self.maker.problems(head):
            self.problems.append(Problem(_SENT_AS[name], problem.message, problem.reason))

    def _judge_line(self, head: Cells, cells: Cells, place: int) -> None:
        path = f"lines[{place}]"
        found = self.maker.problems(cells)
        self.problems += [Problem(f"{path}.{name}", p.message, p.reason) for name, p in found]
        if self.problems:
            return
        try:
            self.lines.append(self.maker.line_of(head | cells, place + 1))
        except (BadCell, Contradiction) as error:
            name = error.field if isinstance(error, Contradiction) else "amount"
            self.problems.append(Problem(f"{path}.{name}", error.message, error.reason))


_SENT_AS: Final = {ours: theirs for theirs, ours in OrderHead.NAMES.items()}


def _parts(order: IncomingOrder) -> tuple[Cells, dict[int, Cells]]:
    lines = order.lines or (IncomingLine(amount=order.amount),)
    return order.cells(), {place: line.cells() for place, line in enumerate(lines)}
