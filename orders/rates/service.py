"""Writes of rates, and what follows: orders converted anew, their months made true.

A rate that is set, corrected or taken back concerns the orders of its currency from its day to the next
rate. They are converted anew set-wise, in slices that commit by themselves: the first one with the rate, the
others by a task, and whatever a lost task left by the next run of the schedule, because an order shows by
itself that it is not converted as the rates say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from orders.book.models import Order
from orders.ingest.merging.merge import lock_orders
from orders.ingest.merging.months import recompute_months
from orders.ingest.statement import create
from orders.ingest.temporary import TOUCHED
from orders.rates import queries, sql
from orders.rates.models import ExchangeRate, RatePolicy
from orders.rates.reading import RateRow, read_rates
from orders.states import SUM_LIMIT, Wait
from prm.accounts.rights import Right
from prm.core.calendar import day_start
from prm.core.errors import Refused
from prm.core.money import ISO_4217, currency_decimals
from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

SLICE: Final = 20_000
_STEP: Final = Decimal(1).scaleb(-12)
_LARGEST: Final = Decimal(10) ** 12


class Span(NamedTuple):
    """Orders of one currency (None: of all) placed from a day on and before another one (None: open)."""

    currency: str | None = None
    since: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a table of rates: how many are new, corrected, as they were; orders converted anew."""

    created: int = 0
    corrected: int = 0
    unchanged: int = 0
    converted: int = 0


# --- rates --------------------------------------------------------------------------------------


@requires(Right.RATE_EDIT)
@transaction.atomic
def set_rate(
    currency: str, *, since: date, rate: Decimal, into: str = "", source: str = ""
) -> tuple[ExchangeRate, Taken]:
    """Say what one unit of a currency is worth in the tenant's from a day on; corrects the one held for that day.

    With `currency` the tenant's and `into` another one the rate is turned around. Raises `Refused`.
    """
    row = _in_our_money(RateRow(currency.strip().upper(), into.strip().upper(), since, rate))
    taken = _take([row], source)
    return ExchangeRate.objects.get(currency=row.currency, into=row.into, since=since), taken


@requires(Right.RATE_EDIT)
@transaction.atomic
def import_rates(text: str, *, source: str = "") -> Taken:
    """Take a table of rates (see `reading.py`), all of it or nothing. Raises `Refused`."""
    return _take([_in_our_money(row) for row in read_rates(text)], source)


@requires(Right.RATE_EDIT)
@transaction.atomic
def set_rates(rows: Sequence[RateRow], *, source: str = "") -> Taken:
    """Take several rates at once, all of them or none. Raises `Refused`."""
    return _take([_in_our_money(row) for row in rows], source)


@requires(Right.RATE_EDIT)
@transaction.atomic
def change_rate(rate_id: UUID, *, rate: Decimal) -> tuple[ExchangeRate, Taken]:
    """Correct a rate; what was converted by it is converted anew."""
    held = _get(rate_id)
    return set_rate(held.currency, since=held.since, rate=rate, source=held.source)


@requires(Right.RATE_EDIT)
@transaction.atomic
def remove_rate(rate_id: UUID) -> tuple[ExchangeRate, int]:
    """Take a rate back: its orders go to the rate before it, or wait. Return it, and how many orders that were."""
    lock_orders()
    held = _get(rate_id)
    gone = ExchangeRate(
        currency=held.currency, into=held.into, since=held.since, rate=held.rate, source=held.source
    )
    span = _span_of(held.currency, held.since)
    held.delete()
    return gone, _convert([span])


@requires(Right.RATE_EDIT)
@transaction.atomic
def set_oldest_days(days: int | None) -> int:
    """Say how many days a rate may be older than an order (None: any number); return how many orders that moves."""
    if days is not None and not 0 <= days <= 3_660:
        raise Refused("Write a number of days up to 3,660, or nothing.", field="oldest_days", code="range")
    lock_orders()
    RatePolicy.objects.update_or_create(defaults={"oldest_days": days})
    return _convert([Span()])


def _get(rate_id: UUID) -> ExchangeRate:
    rate: ExchangeRate | None = ExchangeRate.objects.filter(pk=rate_id).first()
    if rate is None:
        raise Refused("This rate is gone already.", code="gone")
    return rate


def _in_our_money(row: RateRow) -> RateRow:
    """Return a rate into the tenant's currency; one the other way round is turned. Raises `Refused`."""
    ours = current_tenant().currency
    for code in (row.currency, row.into or ours):
        if code not in ISO_4217:
            raise Refused(
                f"{code!r} is no currency code of ISO 4217.", field="currency", code="unknown_currency"
            )
    into = row.into or ours
    if row.currency == into:
        raise Refused(f"Amounts in {ours} need no rate.", field="currency", code="own_currency")
    if ours not in (row.currency, into):
        raise Refused(
            f"A rate from {row.currency} into {into} says nothing about {ours}.",
            field="into",
            code="other_pair",
        )
    if row.rate <= 0:
        raise Refused("A rate is above nothing.", field="rate", code="range")
    currency, rate = (row.currency, row.rate) if into == ours else (into, 1 / row.rate)
    rate = rate.quantize(_STEP, ROUND_HALF_UP) if rate < _LARGEST else rate
    if not 0 < rate < _LARGEST:
        raise Refused("This rate is too large or too small to be one.", field="rate", code="range")
    if not 1900 <= row.since.year <= 2200:
        raise Refused("The day of a rate lies between 1900 and 2200.", field="since", code="range")
    return RateRow(currency, ours, row.since, rate, row.line)


def _take(rows: Sequence[RateRow], source: str) -> Taken:
    lock_orders()
    currencies = {row.currency for row in rows}
    held = {
        (rate.currency, rate.since): rate
        for rate in ExchangeRate.objects.filter(currency__in=currencies, into=current_tenant().currency)
    }
    new: dict[tuple[str, date], ExchangeRate] = {}
    corrected: dict[tuple[str, date], ExchangeRate] = {}
    unchanged = 0
    for row in rows:
        key = (row.currency, row.since)
        known = held.get(key)
        if known is None:
            new[key] = ExchangeRate(
                currency=row.currency, into=row.into, since=row.since, rate=row.rate, source=source[:80]
            )
        elif known.rate == row.rate:
            unchanged += 1
        else:
            known.rate, known.source = row.rate, source[:80]
            corrected[key] = known
    ExchangeRate.objects.bulk_create(new.values(), batch_size=5_000)
    ExchangeRate.objects.bulk_update(corrected.values(), ["rate", "source"], batch_size=1_000)
    converted = _convert(_spans_of([*new, *corrected]))
    return Taken(len(new), len(corrected), unchanged, converted)


# --- orders converted anew ----------------------------------------------------------------------


@needs_no_right("makes derived figures true")
def convert_all() -> int:
    """Convert every order that is not converted as the rates say; return how many.

    Slice by slice, each in a transaction of its own where the caller has none.
    """
    changed = 0
    while done := convert_slice(Span()):
        changed += done
    return changed


@needs_no_right("makes derived figures true")
@transaction.atomic
def convert_slice(span: Span) -> int:
    """Convert some of the orders of a span that are not converted as the rates say; return how many."""
    lock_orders()
    tenant = current_tenant()
    create(TOUCHED)
    changed = sql.CONVERT_ANEW.row(
        int,
        {
            "tenant": tenant.pk,
            "into": tenant.currency,
            "places": currency_decimals(tenant.currency),
            "zone": tenant.timezone,
            "oldest": queries.oldest_days(),
            "limit": SUM_LIMIT,
            "slice": SLICE,
            "currency": span.currency,
            "begin": _begin(span.since),
            "end": _begin(span.before),
        },
    )
    if changed:
        recompute_months()
    return changed


@requires(Right.RATE_EDIT)
@transaction.atomic
def count_again() -> int:
    """Count what was too large to be added up, as far as it fits by now; return how many orders that are."""
    lock_orders()
    aside = Order.objects.filter(waits=Wait.TOO_LARGE, partner__isnull=False)
    before = aside.count()
    create(TOUCHED)
    sql.TOUCH_ASIDE.run({"tenant": current_tenant().pk})
    recompute_months()
    return before - aside.count()


def _convert(spans: Iterable[Span]) -> int:
    """Convert the first slice of each span now; a task goes on where there are more."""
    changed, more = 0, False
    for span in spans:
        done = convert_slice(span)
        changed += done
        more = more or done >= SLICE
    if more:
        send_task("orders.convert_anew")
    return changed


def _begin(day: date | None) -> str | None:
    return None if day is None else day_start(current_tenant(), day).isoformat()


def _span_of(currency: str, since: date) -> Span:
    """Return the orders that a rate concerns: up to the next one."""
    later = ExchangeRate.objects.filter(currency=currency, since__gt=since).order_by("since").first()
    return Span(currency, since, later.since if later else None)


def _spans_of(keys: Iterable[tuple[str, date]]) -> list[Span]:
    """Return the orders that rates concern; of many rates of one currency those since the first."""
    days: dict[str, list[date]] = {}
    for currency, since in keys:
        days.setdefault(currency, []).append(since)
    return [
        _span_of(currency, found[0]) if len(found) == 1 else Span(currency, min(found))
        for currency, found in sorted(days.items())
    ]
