"""Orders that programs send as JSON: strict about types, then on the same path as every file.

An order is an object:

    number        text, needed; names the order within its source
    placed_at     text, needed; ISO 8601 date or moment, without offset in the source's time zone
    code          text; the referral code
    partner_name  text; the name that goes with the code
    currency      text; ISO 4217, must be the one the source counts in
    state         text; received, scheduled, completed, cancelled, or a word the source translates
    lines         list of objects: product_code, product_name (texts), quantity (default 1),
                  unit_price, amount (numbers, or texts that hold one); an amount or a price is needed
    amount        number; instead of lines, for an order that is only a sum

Anything else is refused, so that nobody sends patients' names believing they are kept in safety. An
order with any error is rejected as a whole; the others of the batch go in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from orders.book.models import Order
from orders.ingest.cells import Cells
from orders.ingest.errors import BadCell, Contradiction
from orders.ingest.lines import Line, LineMaker
from orders.ingest.merge import outcomes
from orders.ingest.service import take
from orders.ingest.stage import Stage
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from orders.sources.states import SourceKind
from prm.core.errors import Refused

MOST_ORDERS: Final = 1_000
MOST_LINES: Final = 1_000
DEFAULT_SOURCE: Final = "API"

_ORDER_TEXTS: Final = {
    "number": "number",
    "placed_at": "date",
    "code": "code",
    "partner_name": "partner_name",
    "currency": "currency",
    "state": "state",
}
_LINE_TEXTS: Final = {"product_code": "product_code", "product_name": "product_name"}
_LINE_NUMBERS: Final = ("quantity", "unit_price", "amount")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong; ``field`` is a path from the order (``lines[0].quantity``)."""

    field: str
    message: str
    code: str


@dataclass(slots=True)
class Outcome:
    """What became of one order: created, corrected, unchanged, superseded or rejected."""

    number: str
    status: str = "rejected"
    id: UUID | None = None
    partner: UUID | None = None
    errors: list[Problem] = field(default_factory=list)


def source_for(name: str | None) -> OrderSource:
    """The source that orders are sent for; without a name the source "API", made when needed.

    Raises ``Refused`` for an unknown or switched-off source.
    """
    wanted = name or DEFAULT_SOURCE
    # The database has no text with a NUL in it and does not take one to look for either.
    known = OrderSource.objects.none() if "\0" in wanted else OrderSource.objects.filter(name=wanted)
    source: OrderSource | None = known.first()
    if source is None and name:
        raise Refused(f"No order source is called {name!r}.", field="source", code="unknown_source")
    if source is None:
        spec = Spec(
            columns={"number": "number", "date": "placed_at", "amount": "amount"}, drop_exact_repeats=False
        )
        source, _ = OrderSource.objects.get_or_create(
            name=wanted, defaults={"kind": SourceKind.REST, "spec": spec.to_json()}
        )
    if not source.is_active:
        raise Refused(f"The source {source.name} is switched off.", field="source", code="source_off")
    return source


@transaction.atomic
def take_orders(source: OrderSource, orders: Sequence[Any]) -> list[Outcome]:
    """Take orders of one source; gives what became of each, in the order they were sent.

    The same number twice in one batch counts like two files: the later one stands.
    """
    # JSON says what its columns are; only how words and codes are to be understood is the source's.
    spec = source.rules.model_copy(update={"date_formats": ("iso",), "decimal_mark": "."})
    taken: list[Outcome] = []

    def fill(stage: Stage) -> None:
        for place, sent in enumerate(orders, start=1):
            outcome, lines = _Reading(stage.maker).order(sent)
            taken.append(outcome)
            if not outcome.errors:
                stage.grouper.add(lines, place)

    take(source, fill, spec=spec)
    _settle(source, taken, outcomes())
    return taken


def _settle(source: OrderSource, taken: list[Outcome], by_number: Mapping[str, str]) -> None:
    held = {
        number: (pk, partner)
        for number, pk, partner in Order.objects.filter(
            source=source, number__in=list(by_number)
        ).values_list("number", "pk", "partner_id")
    }
    seen: set[str] = set()
    for outcome in reversed(taken):
        if outcome.errors:
            continue
        if outcome.number in seen:
            outcome.status = "superseded"
        elif outcome.number not in by_number:
            outcome.errors.append(Problem("amount", "The amount is too large.", "number_too_large"))
            continue
        else:
            outcome.status = by_number[outcome.number]
        seen.add(outcome.number)
        outcome.id, outcome.partner = held.get(outcome.number, (None, None))


class _Reading:
    """Reads one order; collects everything that is wrong with it."""

    def __init__(self, maker: LineMaker) -> None:
        self.maker = maker
        self.problems: list[Problem] = []

    def order(self, sent: Any) -> tuple[Outcome, list[Line]]:
        if not isinstance(sent, dict):
            return Outcome("", errors=[Problem("", "An order is an object.", "type")]), []
        known = {*_ORDER_TEXTS, "lines", "amount"}
        self._unknown(sent, known, "")
        head = {ours: self._text(sent, theirs, "") for theirs, ours in _ORDER_TEXTS.items()}
        cells = {name: value for name, value in head.items() if value or name in {"number", "date"}}
        self._judge(cells, {ours: theirs for theirs, ours in _ORDER_TEXTS.items()}, "")
        lines = [
            line
            for place, one in enumerate(self._lines(sent))
            if (line := self._line(cells, one, place)) is not None
        ]
        return Outcome(head["number"].strip(), errors=self.problems), lines

    def _lines(self, sent: dict[str, Any]) -> list[Any]:
        if "lines" not in sent:
            if "amount" not in sent:
                self._bad("lines", "Send lines, or an amount.", "required")
                return []
            return [{"amount": sent["amount"]}]
        lines = sent["lines"]
        if "amount" in sent:
            self._bad("amount", "Send lines or an amount, not both.", "ambiguous")
        if not isinstance(lines, list) or not lines:
            self._bad("lines", "Lines are a list of at least one object.", "type")
            return []
        if len(lines) > MOST_LINES:
            self._bad("lines", f"At most {MOST_LINES:,} lines; there are {len(lines):,}.", "too_many")
            return []
        return lines

    def _line(self, head: Cells, sent: Any, place: int) -> Line | None:
        path = f"lines[{place}]"
        if not isinstance(sent, dict):
            self._bad(path, "A line is an object.", "type")
            return None
        before = len(self.problems)
        self._unknown(sent, {*_LINE_TEXTS, *_LINE_NUMBERS}, path)
        cells = {ours: self._text(sent, theirs, path) for theirs, ours in _LINE_TEXTS.items()}
        cells = {name: value for name, value in cells.items() if value}
        for name in _LINE_NUMBERS:
            if sent.get(name) is not None:
                cells[name] = self._number(sent[name], f"{path}.{name}")
        if len(self.problems) == before:
            self._judge(cells, {}, path)
        if self.problems:
            return None
        try:
            return self.maker.line_of(head | cells, place + 1)
        except (BadCell, Contradiction) as error:
            self._bad(f"{path}.{getattr(error, 'field', 'amount')}", error.message, error.reason)
            return None

    def _judge(self, cells: Cells, names: Mapping[str, str], path: str) -> None:
        for name, problem in self.maker.problems(cells):
            own = names.get(name, name)
            if not any(p.field == (f"{path}.{own}" if path else own) for p in self.problems):
                self._bad(f"{path}.{own}" if path else own, problem.message, problem.reason)

    def _unknown(self, sent: Mapping[str, Any], known: set[str], path: str) -> None:
        for name in sorted(set(map(str, sent)) - known):
            self._bad(f"{path}.{name}" if path else name, "There is no such field.", "unknown_field")

    def _text(self, sent: Mapping[str, Any], name: str, path: str) -> str:
        value = sent.get(name)
        if value is None:
            return ""
        # Numbers are common as order numbers and codes; anything else is a mistake of the sender.
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and name in {"number", "code", "product_code"}
        ):
            return str(value)
        if not isinstance(value, str):
            self._bad(f"{path}.{name}" if path else name, f"This is a text, not {_kind(value)}.", "type")
            return ""
        return value

    def _number(self, value: Any, path: str) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            self._bad(path, f"This is a number, not {_kind(value)}.", "type")
            return ""
        if isinstance(value, str) and not value.strip():
            self._bad(path, "This is a number, not an empty text.", "type")
            return ""
        return value if isinstance(value, str) else str(value)

    def _bad(self, path: str, message: str, code: str) -> None:
        self.problems.append(Problem(path, message, code))


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "nothing")
