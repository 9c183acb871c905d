"""Of which day a rejected row is, and what it comes to, read by the rules of its source."""

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import blake2b
from json import dumps
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from orders.ingest.cells import Cells
from orders.ingest.reading.lines import LineMaker
from orders.ingest.service import rules_for
from orders.ingest.statement import Value
from orders.reconciliation import sql
from orders.reconciliation.models import RejectedFigure
from orders.rejects.models import RejectedLine
from orders.sources.models import OrderSource
from prm.core.calendar import local_date
from prm.core.money import ISO_4217
from prm.tenancy.context import current_tenant

_SLICE: Final = 5_000
_LIMIT: Final = 10**13


class Read(NamedTuple):
    """A rejected row as far as it can be read: "" or None for what cannot."""

    number: str
    day: date | None
    currency: str
    amount: str | None


def read_rejected() -> list[date]:
    """Read the rejected rows that are open or dismissed and not read yet, of all sources, in slices; forget the settled.

    Returns the days of what was read, each once.
    """
    tenant = current_tenant().pk
    days: set[date] = set()
    sql.FORGET_SETTLED.run({"tenant": tenant})
    for source in OrderSource.objects.all():
        reader = _Reader(source)
        values: dict[str, Value] = {
            "tenant": tenant,
            "source": source.pk,
            "cause": reader.read_as,
            "limit": _SLICE,
        }
        while ids := sql.UNREAD.rows(_id, values):
            days |= reader.read(ids)
    return sorted(days)


def _id(line_id: UUID) -> UUID:
    return line_id


class _Reader:
    """Reads the rejected rows of one source."""

    def __init__(self, source: OrderSource) -> None:
        self.source = source
        spec = source.rules
        self.maker = LineMaker(rules_for(spec), lambda _product: None)
        self.currency = spec.currency or current_tenant().currency
        said = dumps([source.spec, current_tenant().timezone, current_tenant().currency], sort_keys=True)
        self.read_as = blake2b(said.encode(), digest_size=12).hexdigest()

    @transaction.atomic
    def read(self, ids: Iterable[UUID]) -> set[date]:
        """Keep what these rows say, in place of what was read of them by other rules; return their days."""
        lines = list(RejectedLine.objects.filter(pk__in=list(ids)).only("pk", "raw", "number", "tenant_id"))
        RejectedFigure.objects.filter(line__in=[line.pk for line in lines]).delete()
        figures = [self._figure(line) for line in lines]
        RejectedFigure.objects.bulk_create(figures)
        return {figure.day for figure in figures if figure.day is not None}

    def _figure(self, line: RejectedLine) -> RejectedFigure:
        read = self._read(line.raw, line.number)
        return RejectedFigure(
            source=self.source,
            line=line,
            number=read.number,
            day=read.day,
            currency=read.currency,
            amount=read.amount,
            read_as=self.read_as,
        )

    def _read(self, cells: Cells, number: str) -> Read:
        amount = self.maker.amount_of(cells)
        currency = self.maker.canonical("currency", cells.get("currency", "")).upper()
        return Read(
            number or self.maker.number_of(cells)[:64],
            self._day(cells.get("date", "")),
            currency if currency in ISO_4217 else self.currency,
            None if amount is None or abs(amount) >= _LIMIT else f"{amount:.4f}",
        )

    def _day(self, cell: str) -> date | None:
        moment = self.maker.canonical("date", cell)
        try:
            return local_date(current_tenant(), datetime.fromisoformat(moment))
        except ValueError:
            # As it was written: it could not be read, or is a day without a moment.
            return None
