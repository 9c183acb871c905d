"""Counting what is in Salesforce: one aggregate query for all days, records only where they are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.mapping import BadValue, Field, Mapping, Normal, Sums, parse_moment
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.counting import sql
from prm.salesforce.counting.models import CountedDay, SeenThere
from prm.salesforce.counting.rules import Tally, differing, tallies
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.runs.lane import Lane
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org, Record
from prm.tenancy.use_cases import needs_no_right

MOST_DAYS: Final = 1800
"""Days of one counting: an aggregate query answers 2,000 rows."""

MOST_READ: Final = 31
"""Days that are read record by record in one counting; what differs on others is said, and read by the next."""

_PATIENCE: Final = 100.0
_NONE: Final = [("", 0, Decimal(0), 0, Decimal(0))]


@dataclass(slots=True)
class Counted:
    """What a counting found. `busy`: a sync was running, nothing was counted. `message`: why it could not go on."""

    days: int = 0
    differing: int = 0
    read: int = 0
    records: int = 0
    calls: int = 0
    busy: bool = False
    message: str = ""
    unexplained: list[date] = field(default_factory=list)


@needs_no_right("the pages that ask for it have their own right; nothing is changed there")
def count_there(
    key: str,
    *,
    first: date,
    last: date,
    patient: bool = False,
    pause: Callable[[float], None] = time.sleep,
) -> Counted:
    """Count the records of a mapping in Salesforce by day, and read those of the days that are not as known.

    Within the budget of calls, and never beside a sync; `patient` waits for one to end. Raises `Refused` for a tenant
    without a connection that works, and for a mapping that is not counted. Trouble with Salesforce is the message.
    """
    mapping = registry.mapping(key)
    if mapping.sums is None:
        raise Refused(f"{mapping.plural} are not counted.", code="not_counted")
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Refused(f"Count at most {figure(MOST_DAYS)} days at once.", code="too_many_days")
    with transaction.atomic():
        found = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    if found is None or not found.is_running:
        state = "not connected" if found is None else found.get_state_display().lower()
        raise Refused(f"Salesforce is {state}: nothing can be counted there.", code="not_connected")
    counted, lane, waited = Counted(), Lane(found), 0.0
    while not lane.take():
        if not patient or waited >= _PATIENCE:
            return Counted(busy=True, message="A sync is running; the counting comes after it.")
        pause(0.5)
        waited += 0.5
    try:
        _Counting(mapping, mapping.sums, lane, counted, pause).go(first, last)
    except errors.SalesforceError as error:
        counted.message = str(error)
    finally:
        lane.leave()
        counted.calls = lane.usage.calls
    return counted


class _Counting:
    """The counting itself, with the lane taken."""

    def __init__(
        self, mapping: Mapping, sums: Sums, lane: Lane, counted: Counted, pause: Callable[[float], None]
    ) -> None:
        self.mapping, self.sums, self.lane, self.counted = mapping, sums, lane, counted
        self.day, self.amount = mapping.field(sums.day), mapping.field(sums.amount)
        self.state = mapping.field(sums.state)
        self.currency = mapping.column(CURRENCY_THERE)
        self.org = Org(StoredTokens(), pause)
        lane.usage = self.org.usage

    def go(self, first: date, last: date) -> None:
        there = self._there(first, last)
        known = self._known(first, last)
        days = differing(there, known)
        self.counted.days, self.counted.differing = len(there.keys() | known.keys()), len(days)
        for day in days[:MOST_READ]:
            self._read(day)
        known = self._known(first, last) if days else known
        self.counted.unexplained = differing(there, known)
        self._store(first, last, there, known)

    def _there(self, first: date, last: date) -> dict[date, Tally]:
        self.lane.keep()
        where = [
            f"{self.mapping.external_id} != null",
            f"{self.state.there} = {soql.text(self.sums.counts)}",
        ]
        if self.currency is not None:
            return self._summed(where, first, last)
        query = soql.by_day(
            self.mapping.sobject, self.day.there, self.amount.there, where, first=first, last=last
        )
        return {
            date.fromisoformat(str(row[self.day.there])): Tally.of(
                int(row["records"]), Decimal(str(row["total"] or 0)).quantize(Decimal("0.0001"))
            )
            for row in self.org.query(query)
        }

    def _summed(self, where: list[str], first: date, last: date) -> dict[date, Tally]:
        """Add up record by record: Salesforce's own sums are in the organisation's currency, at its rates of today."""
        between = [f"{self.day.there} >= {first.isoformat()}", f"{self.day.there} <= {last.isoformat()}"]
        names = [self.day.there, self.amount.there, CURRENCY_THERE]
        rows = self.org.query(soql.select(self.mapping.sobject, names, [*where, *between]))
        return tallies(
            (
                date.fromisoformat(str(row[self.day.there])),
                str(row[CURRENCY_THERE] or ""),
                1,
                Decimal(str(row[self.amount.there] or 0)),
            )
            for row in rows
        )

    def _known(self, first: date, last: date) -> dict[date, Tally]:
        values: dict[str, str | list[str]] = {
            # Mappings that share an object are counted together there, so they are here.
            "mappings": [
                key
                for key, one in registry.mappings().items()
                if one.sobject == self.mapping.sobject and one.external_id == self.mapping.external_id
            ],
            "day": self.day.there,
            "amount": self.amount.there,
            "state": self.state.there,
            "counts": self.sums.counts,
            "first": first.isoformat(),
            "last": last.isoformat(),
        }
        with transaction.atomic(), database.cursor() as cursor:
            if self.currency is not None:
                cursor.execute(sql.KNOWN_BY_CURRENCY, {**values, "currency": CURRENCY_THERE})
                return tallies((date.fromisoformat(day), *rest) for day, *rest in cursor.fetchall())
            cursor.execute(sql.KNOWN, values)
            return {
                date.fromisoformat(day): Tally.of(records, amount)
                for day, records, amount in cursor.fetchall()
            }

    # --- record by record -----------------------------------------------------------------------

    def _read(self, day: date) -> None:
        """Read what lies on a day there, and what should."""
        self.counted.read += 1
        seen: dict[UUID, Record] = {}
        for row in self._query([f"{self.day.there} = {day.isoformat()}"]):
            try:
                seen[UUID(str(row[self.mapping.external_id]))] = row
            except ValueError:
                continue
        with transaction.atomic(), database.cursor() as cursor:
            values = {"mapping": self.mapping.key, "day": self.day.there, "on": day.isoformat()}
            cursor.execute(sql.OF_DAY, values)
            should = {record_id: sf_id for record_id, sf_id in cursor.fetchall() if record_id not in seen}
        away = list(should)
        for begin in range(0, len(away), soql.MOST_IDS):
            some = away[begin : begin + soql.MOST_IDS]
            found = self._query([soql.one_of("Id", [should[record_id] for record_id in some])])
            by_id = {str(row["Id"])[:15]: row for row in found}
            for record_id in some:
                seen[record_id] = by_id.get(should[record_id][:15], {})
        self.counted.records += len(seen)
        self._note(seen)

    def _query(self, where: Sequence[str]) -> list[Record]:
        self.lane.keep()
        names = ["Id", "SystemModstamp", self.mapping.external_id]
        names += self._names
        where = [*where, f"{self.mapping.external_id} != null"]
        return list(self.org.query(soql.select(self.mapping.sobject, names, where)))

    @transaction.atomic
    def _note(self, seen: dict[UUID, Record]) -> None:
        """Keep what is other than agreed; forget what is as agreed again."""
        links = store.links_of(self.mapping, seen)
        moment = now()
        other: list[SeenThere] = []
        for record_id, row in seen.items():
            link = links.get(record_id)
            if link is None or link.state != RecordLink.State.LINKED:
                continue
            base = {name: link.agreed[name] for name in self._names if name in link.agreed}
            held = self._held(row)
            if held != base:
                stamp = parse_moment(str(row["SystemModstamp"])) if row else moment
                other.append(self._seen(record_id, held, base, stamp, moment))
        SeenThere.objects.filter(mapping=self.mapping.key, record_id__in=list(seen)).delete()
        SeenThere.objects.bulk_create(other, batch_size=1000)

    def _seen(
        self, record_id: UUID, held: dict[str, Normal], base: dict[str, Normal], stamp: datetime, at: datetime
    ) -> SeenThere:
        return SeenThere(
            mapping=self.mapping.key, record_id=record_id, held=held, base=base, modstamp=stamp, seen_at=at
        )

    @property
    def _names(self) -> list[str]:
        return [one.there for one in self._counted]

    @property
    def _counted(self) -> list[Field]:
        some = [self.state, self.amount, self.day]
        return some if self.currency is None else [*some, self.currency]

    def _held(self, row: Record) -> dict[str, Normal]:
        """Return the counted fields in normal form; {} for a record that is gone."""
        held: dict[str, Normal] = {}
        for one in self._counted if row else ():
            try:
                held[one.there] = one.normal(row.get(one.there))
            except BadValue:
                held[one.there] = None
        return held

    @transaction.atomic
    def _store(self, first: date, last: date, there: dict[date, Tally], known: dict[date, Tally]) -> None:
        moment, nothing = now(), Tally()
        # Of days without any record it is known as well that there are none.
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        rows: Iterable[CountedDay] = (
            CountedDay(
                mapping=self.mapping.key,
                day=day,
                currency=currency,
                records=records,
                amount=amount,
                known=known_records,
                known_amount=known_amount,
                counted_at=moment,
            )
            for day in days
            for currency, records, amount, known_records, known_amount in there.get(day, nothing).beside(
                known.get(day, nothing)
            )
            or _NONE
        )
        CountedDay.objects.filter(mapping=self.mapping.key, day__gte=first, day__lte=last).delete()
        CountedDay.objects.bulk_create(rows, batch_size=1000)
