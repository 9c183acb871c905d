"""Compares the line items of all records on both sides; what differs and nobody decides is compared and sent anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from prm.mapping import Item, Mapping
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.engine import resting, store
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.present import present
from prm.salesforce.engine.report import Comparison, FieldDifference
from prm.salesforce.linesets import models as linesets
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.products.closing import PROBLEM
from prm.salesforce.products.pricebook import KEY
from prm.salesforce.products.wanted import ITEM, Wanted, same, wanted_of
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import PAGE, Org, Record

SHOWN: Final = 100
"""Differences listed; all are counted."""
CHUNK: Final = 500
_CHANGED: Final = "A product of it was changed, deleted or put on there; the next run puts that right."
_WAITS: Final = "Its products wait to be sent."
_FOREIGN: Final = "It carries an id of ours and belongs to no record that has products here."


def compare_lines(org: Org, keep: Callable[[], None], mapping: Mapping, *, repairs: bool) -> Comparison:
    """Return counts of line items and the differences, each with its reason; with `repairs` what is decided is marked to be sent.

    Raises `SalesforceError`; where nothing of line items is visible, all of them are missing there.
    """
    return _Comparing(org, keep, mapping, repairs=repairs).run()


class _Comparing:
    """One comparison."""

    def __init__(self, org: Org, keep: Callable[[], None], mapping: Mapping, *, repairs: bool) -> None:
        self.org, self.keep, self.mapping, self.repairs = org, keep, mapping, repairs
        self.found: Comparison = {
            "here": 0, "at_rest": 0, "same": 0, "different": 0, "missing_there": 0, "only_there": 0, "differences": [],
        }  # fmt: skip

    def run(self) -> Comparison:
        theirs = self._theirs()
        for ids in self._chunks():
            with transaction.atomic():
                self._compare(ids, theirs)
        for rows in theirs.values():
            self.found["only_there"] += len(rows)
            for row in rows.values():
                self._show(str(row[KEY]), str(row["ProductCode"] or row["Id"]), [], _FOREIGN)
        return self.found

    def _theirs(self) -> dict[str, dict[str, Record]]:
        """Return the line items that carry our key by opportunity and key, read by Id."""
        names = ["Id", KEY, "OpportunityId", "ProductCode", "Quantity", "UnitPrice", "Description"]
        found: dict[str, dict[str, Record]] = {}
        last = ""
        while True:
            self.keep()
            where = [f"{KEY} != null", *([f"Id > {soql.text(last)}"] if last else [])]
            try:
                rows = list(self.org.query(soql.select(ITEM, names, where, order_by=["Id"], limit=PAGE)))
            except errors.Permanent:
                return found
            for row in rows:
                found.setdefault(str(row["OpportunityId"]), {})[str(row[KEY]).lower()] = row
            if len(rows) < PAGE:
                return found
            last = str(rows[-1]["Id"])

    def _chunks(self) -> Iterator[list[UUID]]:
        last = UUID(int=0)
        while True:
            rows = LineSet.objects.filter(mapping=self.mapping.key, record_id__gt=last).order_by("record_id")
            with transaction.atomic():
                ids = list(rows.values_list("record_id", flat=True)[:CHUNK])
            if not ids:
                return
            yield ids
            last = ids[-1]

    def _compare(self, ids: Sequence[UUID], theirs: dict[str, dict[str, Record]]) -> None:
        links = {
            record_id: link.sf_id
            for record_id, link in store.links_of(self.mapping, ids).items()
            if link.state == RecordLink.State.LINKED
        }
        for record_id in resting.resting(self.mapping, links):
            self.found["at_rest"] += len(theirs.pop(links.pop(record_id), {}))
        ours = present(self.mapping, list(links))
        said = self._problems(ids)
        dirty = LineSet.objects.filter(mapping=self.mapping.key, record_id__in=ids, is_dirty=True)
        waits = set(dirty.values_list("record_id", flat=True))
        lines = self.mapping.lines
        read = lines.read(list(ours), self.mapping.column(CURRENCY_THERE) is not None) if lines else {}
        broken = []
        for record_id, mine in ours.items():
            one = wanted_of(self.mapping, record_id, mine.title, mine.normals, read.get(record_id, []))
            rows = theirs.pop(links[record_id], {})
            reason = said.get(record_id) or (_WAITS if record_id in waits else _CHANGED)
            # What is said to go without products has none there, however they would be here.
            if not self._same(one, rows, reason) and reason == _CHANGED:
                broken.append(record_id)
        self._repair(broken)

    def _problems(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        known = SyncProblem.objects.filter(mapping=self.mapping.key, record_id__in=ids, field=PROBLEM)
        return dict(known.values_list("record_id", "message"))

    def _same(self, one: Wanted, rows: dict[str, Record], reason: str) -> bool:
        """Compare the line items of one record; whether all are the same."""
        fine = True
        for item in one.items:
            row = rows.pop(str(item.key), None)
            self.found["here"] += 1
            differing = [] if row is None else _differing(item, row)
            if row is not None and not differing:
                self.found["same"] += 1
                continue
            self.found["missing_there" if row is None else "different"] += 1
            self._show(str(item.key), f"{one.title}: {item.code}", differing, reason)
            fine = False
        for row in rows.values():
            self.found["only_there"] += 1
            self._show(str(row[KEY]), f"{one.title}: {row['ProductCode'] or row['Id']}", [], reason)
        return fine and not rows

    def _repair(self, broken: Sequence[UUID]) -> None:
        if self.repairs and broken:
            LineSet.objects.filter(mapping=self.mapping.key, record_id__in=broken).update(digest="")
            linesets.mark(self.mapping.key, broken)

    def _show(self, key: str, title: str, fields: list[FieldDifference], reason: str) -> None:
        if len(self.found["differences"]) < SHOWN:
            self.found["differences"].append({"id": key, "title": title, "fields": fields, "reason": reason})


def _differing(item: Item, row: Record) -> list[FieldDifference]:
    pairs: list[tuple[str, object]] = [
        ("Quantity", item.quantity), ("UnitPrice", item.price), ("Description", item.note or None),
    ]  # fmt: skip
    found: list[FieldDifference] = [
        {"field": name, "here": _said(value), "there": _said(row.get(name))}
        for name, value in pairs
        if not same(value, row.get(name))
    ]
    if str(row["ProductCode"] or "").casefold() != item.code.casefold():
        found.append({"field": "ProductCode", "here": item.code, "there": str(row["ProductCode"])})
    return found


def _said(value: object) -> str | None:
    return (
        None
        if value is None
        else f"{Decimal(str(value)).normalize():f}"
        if not isinstance(value, str)
        else value
    )
