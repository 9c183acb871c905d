"""Reads everything that standings are computed from, for many partners at once.

What comes in quantity (1.2 million months of 50,000 partners) comes as columns: the database sends each
column as one array in its binary form and numpy opens it, because as Python rows it would cost more than
all the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from partners.policy.rules import Rules
from partners.standing.arrays import Column, Days, Flags, Longs, fingerprints, marks_of
from partners.standing.rules import Estimates, month_end
from partners.states import Level, Tier
from prm.core.calendar import add_months, month_start
from prm.core.types import SqlValue
from prm.tenancy.context import current_tenant

_IDS = "string_to_array(%(ids)s, ',')::uuid[]"
_WANTED = f"WITH wanted AS (SELECT id, (place - 1)::int AS place FROM unnest({_IDS}) WITH ORDINALITY AS w (id, place))"  # nosec B608 # names are our own, values are parameters
# A chunk of all partners is a range of ids, and reading a range beats looking up each.
_BETWEEN = "BETWEEN %(first)s AND %(last)s"
_MONTHS_SQL = f"""
SELECT wanted.place, m.month, m.orders, (m.revenue * 10000)::int8,
       coalesce(m.first_on, '-infinity'), coalesce(m.last_on, '-infinity')
  FROM wanted JOIN partners_partnermonth m ON m.tenant_id = %(tenant)s AND m.partner_id = wanted.id
 WHERE m.partner_id {_BETWEEN} AND m.month <= %(month)s
"""  # nosec B608 # names are our own, values are parameters
_TIERS_SQL = f"""
SELECT wanted.place, array_position(%(tiers)s, p.tier::text) - 1, coalesce(p.tier_since, '-infinity')
  FROM wanted JOIN partners_partner p ON p.tenant_id = %(tenant)s AND p.id = wanted.id
 WHERE p.id {_BETWEEN} AND p.merged_into_id IS NULL
"""  # nosec B608 # names are our own, values are parameters
_REVIEWED_SQL = f"""
SELECT DISTINCT ON (wanted.place) wanted.place, array_position(%(tiers)s, r.decided_tier::text) - 1,
       coalesce(r.tier_since, '-infinity')
  FROM wanted JOIN partners_tierreview r ON r.tenant_id = %(tenant)s AND r.partner_id = wanted.id
 WHERE r.partner_id {_BETWEEN} AND r.effective_on <= %(as_of)s
 ORDER BY wanted.place, r.effective_on DESC, r.signed_at DESC, r.id DESC
"""  # nosec B608 # names are our own, values are parameters
_ESTIMATES_SQL = f"""
SELECT DISTINCT ON (wanted.place, e.source)
       wanted.place, e.low::float8, e.middle::float8, e.high::float8, e.as_of
  FROM wanted JOIN partners_shareestimate e ON e.tenant_id = %(tenant)s AND e.partner_id = wanted.id
 WHERE e.partner_id {_BETWEEN} AND e.as_of <= %(as_of)s
 ORDER BY wanted.place, e.source, e.as_of DESC, e.created_at DESC, e.id DESC
"""  # nosec B608 # names are our own, values are parameters
_SNAPSHOTS_SQL = f"""
SELECT wanted.place, coalesce((k.score * 10)::int, -1), coalesce(k.months_mark, 0), (k.months_mark IS NOT NULL)::int
  FROM wanted JOIN partners_standingmonth k ON k.tenant_id = %(tenant)s AND k.partner_id = wanted.id
 WHERE k.partner_id {_BETWEEN} AND k.month = %(month)s
"""  # nosec B608 # names are our own, values are parameters
_FINGERPRINTS_SQL = f"""
SELECT wanted.place, ('x' || substr(s.fingerprint, 1, 16))::bit(64)::int8,
       ('x' || substr(s.fingerprint, 17, 16))::bit(64)::int8,
       coalesce(array_position(%(levels)s, s.level::text), 0) - 1, s.as_of
  FROM wanted JOIN partners_standing s ON s.tenant_id = %(tenant)s AND s.partner_id = wanted.id
 WHERE s.partner_id {_BETWEEN}
"""  # nosec B608 # names are our own, values are parameters


# --- how to read --------------------------------------------------------------------------------


class Wanted:
    """Some partners of the tenant in scope, as queries name them: written down once for all of them."""

    def __init__(self, partner_ids: Sequence[UUID]) -> None:
        self.ids = list(partner_ids)
        self.texts = [str(partner_id) for partner_id in partner_ids]
        self.listed = ",".join(self.texts)
        self.first = min(partner_ids, default=None)
        self.last = max(partner_ids, default=None)

    def __len__(self) -> int:
        return len(self.ids)

    def some(self, places: Longs) -> "Wanted":
        """Return those at some places."""
        return Wanted([self.ids[at] for at in places.tolist()])

    def among(self, field: str = "partner_id") -> Q:
        """Return the condition that a field names one of them; one parameter, where thousands cost more than the query."""
        ids = _IDS.replace("%(ids)s", "%s")
        listed = RawSQL(f"SELECT unnest({ids})", [self.listed])  # noqa: S611 # nosec B611 # our own constant
        return Q(**{f"{field}__gte": self.first, f"{field}__lte": self.last, f"{field}__in": listed})

    def read(self, sql: str, width: int, **parameters: SqlValue) -> list[Column]:
        """Run a query about them and give its columns as arrays.

        In: a SELECT of `width` columns that may join `wanted (id, place)`, the partners with their
        place, and name the parameters `tenant`, and `first` and `last` of the ids. Columns are int,
        bigint, float8 or date, without nulls; a day of -infinity comes as NaT.
        """
        names = [f"c{number}" for number in range(width)]
        arrays = ", ".join(f"array_send(coalesce(array_agg({name}), '{{}}'))" for name in names)
        values: dict[str, SqlValue] = {
            "ids": self.listed,
            "first": self.first,
            "last": self.last,
            "tenant": current_tenant().pk,
            **parameters,
        }
        with connection.cursor() as cursor:
            cursor.execute(f"{_WANTED} SELECT {arrays} FROM ({sql}) AS found ({', '.join(names)})", values)  # nosec B608 # names are our own, values are parameters
            return [_opened(column) for column in cursor.fetchone()]


# What PostgreSQL calls a type, and how it sends it.
_SENT = {20: ">i8", 23: ">i4", 701: ">f8", 1082: ">i4"}
_DATE, _BEFORE_ALL_DAYS = 1082, -(2**31)
_DAY_ZERO = np.datetime64("2000-01-01", "D")


def _opened(packed: bytes | memoryview) -> Column:
    """Open an array in PostgreSQL's binary form: five numbers of a head, then length and value of each."""
    data = bytes(packed)
    oid = int.from_bytes(data[8:12], "big")
    element = np.dtype([("length", ">i4"), ("value", _SENT[oid])])
    values = np.frombuffer(data[20:], dtype=element)["value"]
    if oid == 701:
        return values.astype(np.float64)
    numbers = values.astype(np.int64)
    if oid != _DATE:
        return numbers
    days = _DAY_ZERO + numbers.astype("timedelta64[D]")
    days[numbers == _BEFORE_ALL_DAYS] = np.datetime64("NaT")
    return days


# --- months -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Months:
    """Partner-months as arrays: one row per partner, one column per month, the oldest first.

    Money is in ten-thousandths of the currency unit. `total` covers all months ever up to the last
    column; first and last are days with an order that counts, NaT without any.
    """

    months: Sequence[date]
    orders: Longs
    revenue: Longs
    total: Longs
    first_on: Days
    last_on: Days

    def window(self, length: int, *, back: int = 0) -> Longs:
        """Revenue of `length` months, ending `back` months before the last column."""
        end = self.revenue.shape[1] - back
        return np.asarray(self.revenue[:, max(0, end - length) : end].sum(axis=1), dtype=np.int64)

    def marks(self) -> Longs:
        """Return a checksum per partner of all that is here."""
        columns = [*self.orders.T, *self.revenue.T, self.total, self.first_on, self.last_on]
        return fingerprints("months", len(self.total), map(marks_of, columns))[0]

    def of(self, places: Longs) -> "Months":
        """Return the months of some of the partners."""
        return Months(
            self.months,
            self.orders[places],
            self.revenue[places],
            self.total[places],
            self.first_on[places],
            self.last_on[places],
        )


def months_needed(rules: Rules) -> int:
    """Return how many months the rules and the components look back, two years at least."""
    return max(25, rules.trailing_months + 1, rules.repeat_n + 1)


class Ledger:
    """All months of some partners up to a last one, as read; gives them as of that month or the one before."""

    def __init__(self, wanted: Wanted, as_of: date, columns: int) -> None:
        """Read the months up to that of `as_of` (which counts whole) in one query."""
        self.last = month_start(as_of)
        self.columns = columns
        row, month, orders, revenue, first, final = wanted.read(_MONTHS_SQL, 6, month=self.last)
        number = (self.last.year - 1970) * 12 + self.last.month - 1
        age = number - month.astype("datetime64[M]").astype(np.int64)
        recent = age <= columns
        place = row[recent], columns - age[recent]
        count = len(wanted)
        self.orders, self.revenue, self.first, self.final = (
            np.full((count, columns + 1), empty, dtype=np.int64) for empty in (0, 0, _NEVER, -_NEVER)
        )
        self.orders[place] = orders[recent]
        self.revenue[place] = revenue[recent]
        self.first[place] = _numbers(first[recent], _NEVER)
        self.final[place] = _numbers(final[recent], -_NEVER)
        # What came before the columns counts only in all, as the column of the beginning.
        old = ~recent
        self.total = np.zeros(count, dtype=np.int64)
        np.add.at(self.total, row[old], revenue[old])
        np.minimum.at(self.first[:, 0], row[old], _numbers(first[old], _NEVER))
        np.maximum.at(self.final[:, 0], row[old], _numbers(final[old], -_NEVER))

    def months(self, *, back: int = 0) -> Months:
        """Put the months up to `back` (0 or 1) before the last one into columns."""
        end = self.columns + 1 - back
        here = slice(end - self.columns, end)
        last = add_months(self.last, -back)
        return Months(
            months=[add_months(last, step - self.columns + 1) for step in range(self.columns)],
            orders=self.orders[:, here],
            revenue=self.revenue[:, here],
            total=self.total + self.revenue[:, :end].sum(axis=1),
            first_on=_days(self.first[:, :end].min(axis=1), _NEVER),
            last_on=_days(self.final[:, :end].max(axis=1), -_NEVER),
        )


# A day later than all days, and negative earlier than all.
_NEVER = 2**31


def _numbers(days: Days, nothing: int) -> Longs:
    return np.where(np.isnat(days), nothing, days.astype(np.int64))


def _days(numbers: Longs, nothing: int) -> Days:
    days = numbers.astype("datetime64[D]")
    days[numbers == nothing] = np.datetime64("NaT")
    return days


# --- tiers --------------------------------------------------------------------------------------

_TIERS = Tier.rising()


class Tiers(NamedTuple):
    """The tiers in force on the day of judgement, "" for none, and since when; `present` partners exist."""

    tier: list[str]
    since: Days
    present: Flags


def read_tiers(wanted: Wanted, as_of: date) -> Tiers:
    """Read the tiers in force on a day. For a day before the latest change the reviews are asked."""
    place, code, since = wanted.read(_TIERS_SQL, 3, tiers=_TIERS)
    present = np.zeros(len(wanted), dtype=np.bool_)
    present[place] = True
    tier = np.zeros(len(wanted), dtype=np.int64)
    tier[place] = code
    days = np.full(len(wanted), "NaT", dtype="datetime64[D]")
    days[place] = since
    changed_since = np.flatnonzero(days > np.datetime64(as_of, "D"))
    if len(changed_since):
        tier[changed_since] = 0
        days[changed_since] = np.datetime64("NaT")
        some, code, since = wanted.some(changed_since).read(_REVIEWED_SQL, 3, tiers=_TIERS, as_of=as_of)
        tier[changed_since[some]] = code
        days[changed_since[some]] = since
    return Tiers([_TIERS[number] for number in tier.tolist()], days, present)


# --- estimates and what is stored ---------------------------------------------------------------


def read_estimates(wanted: Wanted, as_of: date) -> Estimates:
    """Read the latest estimate of each source, known on that day."""
    return Estimates(*wanted.read(_ESTIMATES_SQL, 5, as_of=as_of))


class Snapshots(NamedTuple):
    """What the month-end snapshots say, as far as it is needed to use them or to see that they are stale.

    One place per partner; without a snapshot `known` is false. Scores in tenths, -1 for none; `months_mark`
    (where `marked`) is that of the months the snapshot was made from.
    """

    known: Flags
    score: Longs
    months_mark: Longs
    marked: Longs


def read_snapshots(wanted: Wanted, month: date) -> Snapshots:
    """Read the snapshots of one month."""
    place, *columns = wanted.read(_SNAPSHOTS_SQL, 4, month=month)
    return Snapshots(*_spread(len(wanted), place, columns))


class Stored(NamedTuple):
    """What is stored of standings: for whom there is one, what it was computed to as two numbers, its level and day.

    `level` is a place in `LEVELS`.
    """

    known: Flags
    one: Longs
    other: Longs
    level: Longs
    as_of: Longs


LEVELS = list(Level.values)


def read_stored(wanted: Wanted) -> Stored:
    """Read what the stored standings were computed to; days as numbers."""
    place, *columns, day = wanted.read(_FINGERPRINTS_SQL, 5, levels=LEVELS)
    return Stored(*_spread(len(wanted), place, [*columns, day.astype(np.int64)]))


def _spread(count: int, place: Longs, columns: Sequence[Longs]) -> list[Column]:
    known = np.zeros(count, dtype=np.bool_)
    known[place] = True
    spread = np.zeros((len(columns), count), dtype=np.int64)
    for row, column in zip(spread, columns, strict=True):
        row[place] = column
    return [known, *spread]


def is_running(as_of: date) -> bool:
    """Say whether the month of `as_of` is not complete on that day."""
    return month_end(as_of) != as_of
