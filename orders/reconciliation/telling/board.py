"""One month of one source as the page shows it: the strip of days, the rows, the opened one with its causes."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from orders.reconciliation import queries
from orders.reconciliation.models import ReconciledDay, SignOff
from orders.reconciliation.queries import CountedThere, Group, SourceMonth
from orders.reconciliation.rules import NOTHING, Part
from orders.reconciliation.spans import Key
from orders.reconciliation.states import Cause, DayState, Side
from orders.reconciliation.telling.presentation import exactly
from prm.core.calendar import add_months, month_start
from prm.core.urls import tenant_url
from prm.tenancy.context import order_nouns, say_of_orders
from prm.tenancy.models import Tenant
from prm.ui.formatting import day as day_words
from prm.ui.formatting import plural, short_name

#: The worst state of a day first: so a day of several currencies is shown.
_RANK: Final = (DayState.OPEN, DayState.WAITING, DayState.EXPLAINED, DayState.AGREES)
_ICONS: Final = {
    DayState.AGREES: "equal",
    DayState.WAITING: "clock",
    DayState.EXPLAINED: "message-check",
    DayState.OPEN: "equal-not",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A day of the month in the strip; `state` "" for one without orders, or that is still to come."""

    day: date
    state: str
    words: str
    row: UUID | None
    is_numbered: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A counted day as a row of the table; amounts are words."""

    row: ReconciledDay
    parts: tuple[Part, ...]
    currency: str
    tenant: Tenant
    sign_off: SignOff | None

    @property
    def source_amount(self) -> str:
        """What the source has, in the currency of its orders."""
        known = exactly(self.row.source_amount, self.currency)
        return f"{known} + {plural(self.row.unread, 'unread row')}" if self.row.unread else known

    @property
    def here_amount(self) -> str:
        """What is here, in the currency of the orders."""
        return exactly(self.row.here_amount, self.currency)

    @property
    def there_amount(self) -> str:
        """What is in Salesforce, in the tenant's currency."""
        return exactly(self.row.there_amount, self.tenant.currency)

    @property
    def bad_here(self) -> bool:
        """Whether source and here are not the same, and nobody signed that."""
        return self.row.state == DayState.OPEN and any(
            part.cause.side is Side.SOURCE and not part.cause.is_settled for part in self.parts
        )

    @property
    def bad_there(self) -> bool:
        """Whether here and Salesforce are not the same, and nobody signed that."""
        return self.row.state == DayState.OPEN and any(
            part.cause.side is Side.THERE and not part.cause.is_settled for part in self.parts
        )

    @property
    def difference(self) -> str:
        """What the differences come to; of another currency than the tenant's each side by itself.

        Where they come to no money it is said what differs all the same: amounts that cancel out, numbers of orders, rows
        that cannot be read.
        """
        if self.currency == self.tenant.currency:
            sums = [(queries.difference(self.parts), self.currency)]
        else:
            sums = [
                (queries.difference(self.parts, Side.SOURCE), self.currency),
                (queries.difference(self.parts, Side.THERE), self.tenant.currency),
            ]
        said = [exactly(amount, code) for amount, code in sums if amount]
        return " · ".join(said) or self._without_money

    @property
    def _without_money(self) -> str:
        back_and_forth = [part for part in self.parts if part.amount > 0]
        if back_and_forth:
            code = self.currency if back_and_forth[0].cause.side is Side.SOURCE else self.tenant.currency
            size = sum((part.amount for part in back_and_forth), NOTHING)
            return f"{exactly(size, code)} both ways"
        if count := records_of(self.parts):
            return plural(count, *order_nouns())
        return plural(self.row.unread, "unread row") if self.row.unread else "–"

    @property
    def icon(self) -> str:
        """The sign of its state."""
        return _ICONS[DayState(self.row.state)]

    @property
    def records(self) -> int:
        """How many orders and rows wait for an explanation."""
        return records_of(part for part in self.parts if not part.cause.is_settled)

    @property
    def words(self) -> str:
        """How it stands, in words."""
        state = DayState(self.row.state)
        if state is DayState.OPEN:
            if self.sign_off is not None and self.sign_off.is_reopened:
                return f"Reopened, {short_name(self.row.signed_by)}"
            return f"{plural(self.records, *order_nouns())} to explain" if self.records else "To explain"
        if state is DayState.WAITING:
            return f"{plural(self.records, *order_nouns())} on their way"
        if state is DayState.EXPLAINED:
            return (
                f"Explained, {short_name(self.row.signed_by)}"
                if self.row.signed_by
                else "Explained by decisions"
            )
        return "Agrees"


def records_of(parts: Iterable[Part]) -> int:
    """Return how many orders and rows differences concern."""
    return sum(max(part.records, abs(part.orders)) for part in parts)


@dataclass(frozen=True, slots=True)
class Step:
    """A group of differences with what can be done about it."""

    group: Group
    currency: str
    title: str
    url: str
    label: str

    @property
    def amount(self) -> str:
        """What it comes to; nothing where no money differs."""
        return exactly(self.group.part.amount, self.currency) if self.group.part.amount else "–"


@dataclass(frozen=True, slots=True)
class Opened:
    """The day that is opened: what differs, what can be done, and what was said of it."""

    line: Line
    steps: Sequence[Step]
    counted: CountedThere | None


@dataclass(frozen=True, slots=True)
class Board:
    """A month of a source."""

    source: SourceMonth
    month: date
    boxes: Sequence[Box]
    lines: Sequence[Line]
    opened: Opened | None
    has_there: bool

    @property
    def before(self) -> date:
        """The month before."""
        return add_months(self.month, -1)

    @property
    def after(self) -> date:
        """The month after."""
        return add_months(self.month, 1)

    @property
    def days(self) -> int:
        """How many of its days were counted."""
        return len({line.row.day for line in self.lines})

    @property
    def open_days(self) -> int:
        """How many of them are open."""
        return len({line.row.day for line in self.lines if line.row.state == DayState.OPEN})

    @property
    def open_amounts(self) -> str:
        """What the open differences come to, each by its size, by currency, and what of them is no money.

        Orders are named where no amount differs by them, rows where none can be read.
        """
        sums: dict[str, Decimal] = {}
        orders = unread = 0
        for line in (one for one in self.lines if one.row.state == DayState.OPEN):
            unread += line.row.unread
            for part in (one for one in line.parts if not one.cause.is_settled):
                code = line.currency if part.cause.side is Side.SOURCE else line.tenant.currency
                sums[code] = sums.get(code, NOTHING) + abs(part.amount)
                orders += 0 if part.amount else records_of([part])
        said = [exactly(amount, code) for code, amount in sorted(sums.items()) if amount]
        said += [plural(orders, *order_nouns())] if orders else []
        said += [plural(unread, "unread row")] if unread else []
        return " + ".join(said) or "–"


def board_of(tenant: Tenant, source: SourceMonth, month: date, *, opened: UUID | None, until: date) -> Board:
    """Return a month of a source; `opened` is the row to be shown with its causes. A constant number of queries."""
    end = add_months(month, 1)
    rows = list(ReconciledDay.objects.newest_first().filter(source=source.id, day__gte=month, day__lt=end))
    signed = queries.sign_offs(rows)
    lines = [
        Line(
            row, tuple(queries.parts_of(row)), row.currency, tenant,
            signed.get(Key(row.source_id, row.day, row.currency)),
        )
        for row in rows
    ]  # fmt: skip
    chosen = next((line for line in lines if line.row.pk == opened), None)
    if chosen is None and opened is None:
        chosen = next((line for line in lines if line.row.state == DayState.OPEN), None)
    return Board(
        source=source,
        month=month,
        boxes=_boxes(lines, month, until),
        lines=lines,
        opened=_opened(tenant, chosen) if chosen else None,
        has_there=any(row.there_orders is not None for row in rows),
    )


def _boxes(lines: Sequence[Line], month: date, until: date) -> list[Box]:
    by_day: dict[date, list[Line]] = {}
    for line in lines:
        by_day.setdefault(line.row.day, []).append(line)
    length = calendar.monthrange(month.year, month.month)[1]
    found = []
    for number in range(1, length + 1):
        day = month.replace(day=number)
        these = sorted(by_day.get(day, []), key=lambda line: _RANK.index(DayState(line.row.state)))
        words = these[0].words if these else (say_of_orders("no {orders}") if day <= until else "to come")
        found.append(
            Box(
                day,
                these[0].row.state if these else "",
                f"{day_words(day)}: {words}",
                these[0].row.pk if these else None,
                number == 1 or number % 5 == 0,
            )
        )
    return found


def _opened(tenant: Tenant, line: Line) -> Opened:
    counted = queries.counted_there(line.row.day, line.row.day).get(line.row.day)
    groups = queries.groups_of(line.row)
    return Opened(line, [_step(tenant, line, group) for group in groups], counted)


def _step(tenant: Tenant, line: Line, group: Group) -> Step:
    cause, part = group.cause, group.part
    currency = line.currency if cause.side is Side.SOURCE else tenant.currency
    count = max(part.records, abs(part.orders))
    noun = "row" if cause in (Cause.REJECTED, Cause.DISMISSED) else "order"
    if cause is Cause.NOT_EXPLAINED:
        where = (
            "counted by the source, not known here"
            if part.amount > 0 or part.orders > 0
            else ("here, not in the source’s total")
        )
        title = f"{plural(abs(part.orders), *order_nouns())} {where}" if part.orders else f"An amount {where}"
    elif cause is Cause.OTHER_DAY:
        title = f"{plural(count, *order_nouns())} on another day in Salesforce"
    elif cause is Cause.CANCELLED_WAITING:
        title = f"{plural(count, *order_nouns())} in Salesforce, cancelled in the portal"
    elif part.orders == 0 and cause.side is Side.THERE:
        title = f"{plural(count, *order_nouns())} with another amount in Salesforce"
    else:
        title = f"{plural(count, noun)} {cause.side.label}"
    url, label = _way(tenant, group, count)
    return Step(group, currency, title, url, label)


_WAYS: Final = {
    Cause.REJECTED: ("orders:imports", "Open imports"),
    Cause.UNATTRIBUTED: ("orders:unattributed", "Say whose they are"),
    Cause.RATE_MISSING: ("orders:rates", "Add the rate"),
    Cause.REFUSED: ("salesforce:problems", "Open problem"),
    Cause.MASS_CHANGE: ("salesforce:mass-changes", "Mass changes"),
    Cause.DELETED_THERE: ("salesforce:problems", "Open problem"),
    Cause.CHANGED_THERE: ("salesforce:problems", "Open problem"),
    Cause.HELD: ("salesforce:health", "Sync health"),
    Cause.NOT_EXPLAINED: ("orders:control-totals", "Control totals"),
    Cause.CANCELLED_LATE: ("orders:control-totals", "Control totals"),
    Cause.CHANGED_SINCE: ("orders:control-totals", "Control totals"),
}
"""Where a cause is cured, and the words of the button."""


def _way(tenant: Tenant, group: Group, count: int) -> tuple[str, str]:
    """Return where a cause is cured and the words of the button; "" where nothing is to be done."""
    if group.cause is Cause.REJECTED and group.run_id is not None:
        return tenant_url(tenant, "orders:rejects", pk=group.run_id), f"Correct {plural(count, 'row')}"
    name, label = _WAYS.get(group.cause, ("", ""))
    return (tenant_url(tenant, name), label) if name else ("", "")


def month_asked(text: str, today: date) -> date:
    """Return the month of an address ("2026-11"); this month for anything else."""
    try:
        return month_start(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return month_start(today)


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return add_months(month, 1) - timedelta(days=1)


def money_line(total: queries.Total, tenant: Tenant) -> tuple[str, str, str]:
    """Return source, here and Salesforce of a sum in words."""
    source = "not declared" if total.source_amount is None else exactly(total.source_amount, total.currency)
    if total.unread:
        source = f"{source} + {plural(total.unread, 'unread row')}"
    here = exactly(total.here_amount, total.currency)
    if total.currency != tenant.currency:
        here = f"{here} ({exactly(total.counted, tenant.currency)})"
    if total.rate_waits:
        here = f"{here}, {plural(total.rate_waits, *order_nouns())} without a rate"
    there = "not connected" if total.there_orders is None else exactly(total.there_amount, tenant.currency)
    return source, here, there
