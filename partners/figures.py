"""Reads everything that standings are computed from, for many partners at once.

Partner-months come as one packed byte string made by the database and opened by numpy: 50,000
partners of 24 months are 1.2 million rows, which as Python rows would cost more than all the rest.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from partners.models import TierReview
from partners.standing import Estimate, Rules, month_end
from prm.tenancy.calendar import add_months, month_start
from prm.tenancy.context import current_tenant

Longs = npt.NDArray[np.int64]

_DAY_ZERO = date(1970, 1, 1)
_NO_DAY = -(2**31)
_PACKED = np.dtype(
    [("row", ">i4"), ("age", ">i4"), ("orders", ">i4"), ("revenue", ">i8"), ("first", ">i4"), ("last", ">i4")]
)
_MONTHS_SQL = f"""
SELECT coalesce(string_agg(
         int4send((wanted.place - 1)::int4)
      || int4send((%(year)s - extract(year FROM m.month)::int4) * 12
                  + %(number)s - extract(month FROM m.month)::int4)
      || int4send(m.orders)
      || int8send((m.revenue * 10000)::int8)
      || int4send(coalesce(m.first_on - DATE '1970-01-01', {_NO_DAY}))
      || int4send(coalesce(m.last_on - DATE '1970-01-01', {_NO_DAY})), ''::bytea), ''::bytea)
  FROM unnest(string_to_array(%(ids)s, ',')::uuid[]) WITH ORDINALITY AS wanted (id, place)
  JOIN partners_partnermonth m ON m.tenant_id = %(tenant)s AND m.partner_id = wanted.id
 WHERE m.month <= %(month)s
"""

_THESE = "tenant_id = %(tenant)s AND partner_id = ANY(string_to_array(%(ids)s, ',')::uuid[])"
_TIERS_SQL = """
SELECT id, tier, tier_since FROM partners_partner
 WHERE tenant_id = %(tenant)s AND id = ANY(string_to_array(%(ids)s, ',')::uuid[]) ORDER BY id
"""
_ESTIMATES_SQL = f"""
SELECT DISTINCT ON (partner_id, source) partner_id, low, middle, high, as_of
  FROM partners_shareestimate WHERE {_THESE} AND as_of <= %(as_of)s
 ORDER BY partner_id, source, as_of DESC, created_at DESC, id DESC
"""
_SNAPSHOTS_SQL = f"""
SELECT partner_id, score, revenue_12m, orders_12m
  FROM partners_standingmonth WHERE {_THESE} AND month = %(month)s
"""
_FINGERPRINTS_SQL = f"SELECT partner_id, fingerprint FROM partners_standing WHERE {_THESE}"


@dataclass(frozen=True, slots=True)
class Months:
    """Partner-months as arrays: one row per partner, one column per month, the oldest first.

    Money is in ten-thousandths of the currency unit. `total` covers all months ever up to the last
    column; first and last are days with an order that counts, None without any.
    """

    months: Sequence[date]
    orders: Longs
    revenue: Longs
    total: Longs
    first_on: Sequence[date | None]
    last_on: Sequence[date | None]

    def window(self, length: int, *, back: int = 0) -> Longs:
        """Revenue of `length` months, ending `back` months before the last column."""
        end = self.revenue.shape[1] - back
        return np.asarray(self.revenue[:, max(0, end - length) : end].sum(axis=1), dtype=np.int64)


def _listed(partner_ids: Sequence[UUID]) -> str:
    """Write ids as one parameter: thousands of single ones would cost more than the query."""
    return ",".join(map(str, partner_ids))


def _rows(sql: str, partner_ids: Sequence[UUID], **parameters: Any) -> list[tuple[Any, ...]]:
    """Read rows of some partners of the tenant in scope."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": _listed(partner_ids), "tenant": current_tenant().pk, **parameters})
        return list(cursor.fetchall())


def columns_needed(rules: Rules) -> int:
    """How many months the rules and the components look back, two years at least."""
    return max(25, rules.trailing_months + 1, rules.repeat_n + 1)


def read_months(partner_ids: Sequence[UUID], as_of: date, columns: int) -> Months:
    """Read the months up to that of `as_of` (which counts whole) in one query."""
    last = month_start(as_of)
    parameters: dict[str, Any] = {
        "year": last.year,
        "number": last.month,
        "ids": _listed(partner_ids),
        "tenant": current_tenant().pk,
        "month": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS_SQL, parameters)
        packed = np.frombuffer(bytes(cursor.fetchone()[0]), dtype=_PACKED)
    return _unpack(packed, len(partner_ids), last, columns)


def _unpack(packed: npt.NDArray[Any], count: int, last: date, columns: int) -> Months:
    rows, age = packed["row"].astype(np.int64), packed["age"].astype(np.int64)
    revenue, orders = packed["revenue"].astype(np.int64), packed["orders"].astype(np.int64)
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, rows, revenue)
    first = np.full(count, 2**31, dtype=np.int64)
    dated = packed["first"] != _NO_DAY
    np.minimum.at(first, rows[dated], packed["first"][dated].astype(np.int64))
    final = np.full(count, _NO_DAY, dtype=np.int64)
    np.maximum.at(final, rows, packed["last"].astype(np.int64))
    seen = age < columns
    table = np.zeros((2, count, columns), dtype=np.int64)
    place = columns - 1 - age[seen]
    table[0, rows[seen], place] = orders[seen]
    table[1, rows[seen], place] = revenue[seen]
    return Months(
        months=[add_months(last, step - columns + 1) for step in range(columns)],
        orders=table[0],
        revenue=table[1],
        total=total,
        first_on=[_day(number, 2**31) for number in first.tolist()],
        last_on=[_day(number, _NO_DAY) for number in final.tolist()],
    )


def _day(number: int, nothing: int) -> date | None:
    return None if number == nothing else _DAY_ZERO + timedelta(days=number)


class TierThen(NamedTuple):
    """The tier in force on the day of judgement, "" for none."""

    tier: str
    since: date | None


def read_tiers(partner_ids: Sequence[UUID], as_of: date) -> dict[UUID, TierThen]:
    """Read the tiers in force on a day, of the partners that exist, by id.

    For a day before the latest change the reviews are asked.
    """
    rows = _rows(_TIERS_SQL, partner_ids)
    tiers: dict[UUID, TierThen] = {}
    changed_since: list[UUID] = []
    for pk, tier, since in rows:
        if since is not None and since > as_of:
            changed_since.append(pk)
            tiers[pk] = TierThen("", None)
        else:
            tiers[pk] = TierThen(tier, since)
    if changed_since:
        tiers |= _reviewed_tiers(changed_since, as_of)
    return tiers


def _reviewed_tiers(partner_ids: Sequence[UUID], as_of: date) -> dict[UUID, TierThen]:
    reviews = (
        TierReview.objects.filter(partner_id__in=partner_ids, effective_on__lte=as_of)
        .order_by("partner_id", "-effective_on", "-signed_at", "-id")
        .distinct("partner_id")
    )
    return {review.partner_id: TierThen(review.decided_tier, review.tier_since) for review in reviews}


def read_estimates(partner_ids: Sequence[UUID], as_of: date) -> dict[UUID, list[Estimate]]:
    """Read the latest estimate of each source, known on that day."""
    found: dict[UUID, list[Estimate]] = defaultdict(list)
    for partner_id, low, middle, high, day in _rows(_ESTIMATES_SQL, partner_ids, as_of=as_of):
        found[partner_id].append(Estimate(float(low), float(middle), float(high), day))
    return found


class Snapshot(NamedTuple):
    """What the month-end snapshot says, as far as it is needed to use it or to see that it is stale."""

    score: Any
    revenue_12m: Any
    orders_12m: int


def read_snapshots(partner_ids: Sequence[UUID], month: date) -> Mapping[UUID, Snapshot]:
    """Read the snapshots of one month."""
    rows = _rows(_SNAPSHOTS_SQL, partner_ids, month=month)
    return {pk: Snapshot(score, revenue, orders) for pk, score, revenue, orders in rows}


def read_fingerprints(partner_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Read what the stored standings were computed to."""
    return dict(_rows(_FINGERPRINTS_SQL, partner_ids))


def is_running(as_of: date) -> bool:
    """Say whether the month of `as_of` is not complete on that day."""
    return month_end(as_of) != as_of
