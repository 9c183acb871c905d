"""Watching the orders of all partners of a tenant: months in arrays, one judgement of all, one statement a chunk."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from partners.alarms import sql
from partners.alarms.rules import SEEN_FROM, Found, Panel, Watched, watch
from partners.alarms.states import Direction, Watching
from partners.standing.arrays import Floats, Longs, money_texts
from partners.standing.inputs import Wanted
from partners.standing.service import chunks_of
from prm.core.calendar import add_months, month_start, today
from prm.core.clock import now
from prm.core.ids import uuid7
from prm.core.locks import lock_tenant
from prm.core.types import SqlValue
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import needs_no_right

MONTHS: Final = 48
"""Months that are looked at: two years for the season before the first that is judged."""
_PRICED: Final = 18
_CHUNK: Final = 5_000
_NULL: Final = "\\N"


class _Read(NamedTuple):
    """Orders of all partners, and what an order of each brought on average, in ten-thousandths."""

    ids: Sequence[UUID]
    orders: Longs
    price: Floats


@needs_no_right("makes derived figures true")
def watch_orders(*, as_of: date | None = None) -> int:
    """Judge every partner's whole months up to the one before that of `as_of` (None: today); return how many alarms stand."""
    tenant = current_tenant()
    last = add_months(month_start(as_of or today(tenant)), -1)
    months = [add_months(last, step + 1 - MONTHS) for step in range(MONTHS)]
    read = _read(months)
    if not read.ids:
        return 0
    # A year begins where the tenant's does; alarms of the months before stand into it.
    begins = [at for at, month in enumerate(months) if month.month == tenant.year_starts]
    judged_from = max(at for at in begins if at <= MONTHS - 6)
    numbers = np.array([month.month - 1 for month in months], dtype=np.int64)
    panel = Panel(read.orders, _born(read.orders), numbers)
    found = watch(panel, begins, judged_from)
    rows = _Rows(read, panel, found, months)
    for places in _chunks(len(read.ids)):
        _write(rows.lines(places), last)
    return int(((found.fall.raised >= 0) | (found.rise.raised >= 0)).sum())


# --- reading ------------------------------------------------------------------------------------


def _read(months: Sequence[date]) -> _Read:
    """Read the months of all partners, chunk by chunk."""
    ids: list[UUID] = []
    orders, prices = [], []
    for chunk in chunks_of(None):
        with transaction.atomic():
            place, month, count, revenue = Wanted(chunk).read(
                sql.MONTHS, 4, **{"from": months[0], "to": months[-1]}
            )
        number = (months[0].year - 1970) * 12 + months[0].month - 1
        column = month.astype("datetime64[M]").astype(np.int64) - number
        here = np.zeros((len(chunk), len(months)), dtype=np.int32)
        here[place, column] = count
        recent = column >= len(months) - _PRICED
        sums = np.bincount(place[recent], weights=revenue[recent], minlength=len(chunk))
        ordered = here[:, -_PRICED:].sum(axis=1)
        orders.append(here)
        prices.append(np.divide(sums, ordered, out=np.zeros(len(chunk)), where=ordered > 0))
        ids += chunk
    if not ids:
        return _Read([], np.zeros((0, len(months)), dtype=np.int64), np.zeros(0))
    return _Read(ids, np.vstack(orders), np.concatenate(prices))


def _born(orders: Longs) -> Longs:
    """Find the column of each partner's first order; beyond the last where there is none."""
    some = orders > 0
    return np.asarray(np.where(some.any(axis=1), some.argmax(axis=1), orders.shape[1]), dtype=np.int64)


# --- writing ------------------------------------------------------------------------------------


class _Rows:
    """What is stored of each partner, as lines of values."""

    def __init__(self, read: _Read, panel: Panel, found: Watched, months: Sequence[date]) -> None:
        self.read, self.months = read, [month.isoformat() for month in months]
        self.usually = found.usually
        self.alarm, self.direction = _standing(found)
        sums = panel.orders[:, -12:].sum(axis=1)
        state = np.where(found.usually >= SEEN_FROM, Watching.WATCHED, Watching.RARE).astype(object)
        state[np.isnan(found.usually)] = Watching.YOUNG
        state[sums <= 0] = Watching.SILENT
        state[self.direction != ""] = np.where(
            found.usually[self.direction != ""] >= SEEN_FROM, Watching.WATCHED, Watching.RARE
        )
        self.state = state
        change = np.where(self.alarm.raised >= 0, self.alarm.now - self.alarm.usually, 0.0)
        self.a_year = _rough(change * 12 * read.price / 10_000)

    def lines(self, places: Longs) -> Iterator[str]:
        """Write those at some places."""
        money = money_texts((self.a_year[places] * 10_000).astype(np.int64))
        for at, amount in zip(places.tolist(), money, strict=True):
            begin = f"{uuid7()}\t{self.read.ids[at]}\t{self.state[at]}\t{_decimal(self.usually[at])}"
            if not self.direction[at]:
                yield f"{begin}\t\t{_NULL}\t{_NULL}\t{_NULL}\t{_NULL}\t{_NULL}"
                continue
            found = self.alarm
            yield (
                f"{begin}\t{self.direction[at]}\t{self.months[found.raised[at]]}\t{self.months[found.since[at]]}"
                f"\t{_decimal(found.usually[at])}\t{_decimal(found.now[at])}\t{amount}"
            )


def _standing(found: Watched) -> tuple[Found, np.ndarray]:
    """Return the alarm of each partner, of two the later one, and its direction."""
    rises = found.rise.raised > found.fall.raised
    alarm = Found(*(np.where(rises, rise, fall) for rise, fall in zip(found.rise, found.fall, strict=True)))
    direction = np.where(rises, Direction.RISE, Direction.FALL).astype(object)
    direction[alarm.raised < 0] = ""
    return alarm, direction


def _rough(amounts: Floats) -> Floats:
    """To whole thousands from 10,000 on, else to hundreds: more digits would claim too much."""
    step = np.where(np.abs(amounts) >= 10_000, 1_000, 100)
    return np.asarray(np.rint(amounts / step) * step, dtype=np.float64)


def _decimal(number: float) -> str:
    return _NULL if number != number else f"{number:.1f}"  # noqa: PLR0124 - NaN


def _chunks(count: int) -> Iterator[Longs]:
    for at in range(0, count, _CHUNK):
        yield np.arange(at, min(at + _CHUNK, count))


@transaction.atomic
def _write(lines: Iterator[str], month: date) -> None:
    """Store a chunk; who is gone meanwhile is left out."""
    lock_tenant("order watch", current_tenant().pk)
    values: dict[str, SqlValue] = {
        "rows": "\n".join(lines),
        "tenant": current_tenant().pk,
        "month": month,
        "now": now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.WRITE_WATCHES, values)
