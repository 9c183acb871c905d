"""Line items, here → Salesforce: brings those of each record to what they should be, some hundred records at a time.

For each batch: read what is there (one call), delete, let the opportunity have its price book, write (200 a call), read the sums
that result (one call). What is read decides, so a lost answer or a killed worker costs one more reading and never a second
line item. Between two of these calls the amount there is that of a part of the lines; in the end it is the record's, or a
problem of the record says why not. All lines of a record go, or none: where one cannot, those that went are taken out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Mapping, Normal, value_there
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.engine import resting, store
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.engine.present import present
from prm.salesforce.engine.report import Report
from prm.salesforce.linesets.models import LineSet, ready
from prm.salesforce.products.closing import Closing, Deal
from prm.salesforce.products.pricebook import KEY, NoPriceBook, PriceBook, parts
from prm.salesforce.products.wanted import ITEM, Wanted, changes, plain, wanted_of, without_missing
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import BATCH, Org, Record
from prm.salesforce.wire.codes import Reaction

MOST_ITEMS: Final = 1000
"""Line items of one batch, unless a single record has more."""
STOPPED: Final = timedelta(minutes=15)
"""How long line items wait that Salesforce refuses as a whole."""
_ALONG: Final = frozenset({Reaction.RETRY, Reaction.ALONG, Reaction.SPLIT})


class LineSender:
    """Brings the line items of one mapping in step. `keep()` as in `engine.push.Pusher`; `over()` says that others wait."""

    def __init__(
        self,
        org: Org,
        report: Report,
        keep: Callable[[], None],
        mapping: Mapping,
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.org, self.report, self.keep, self.mapping, self.over = org, report, keep, mapping, over
        self.several = mapping.column(CURRENCY_THERE) is not None
        self.book: PriceBook | None = None
        if mapping.lines is not None:
            self.closing = Closing(mapping, mapping.lines)

    def drain(self) -> None:
        """Compare and send until nothing is ready or the slice is over. Raises what ends the run; what was sent is noted."""
        lines = self.mapping.lines
        if lines is None or not lines.is_on:
            return
        self.book = PriceBook(self.org, lines, self.keep, self.several)
        while deals := self._claim():
            todo = [one for one in deals if self._is_open(one)]
            if todo:
                try:
                    self._send(todo)
                except NoPriceBook as error:
                    self._stop(todo, str(error))
                except errors.UnknownOutcome:
                    raise
                except errors.Permanent as error:
                    self._stop(todo, f"{error} Run the set-up here, which makes what products need there.")
            if self.over():
                return

    # --- what there is to do ------------------------------------------------------------------

    def _claim(self) -> list[Deal]:
        """Return records whose line items are to be compared, the latest first; what is not there is forgotten."""
        with transaction.atomic():
            rows = list(
                LineSet.objects.filter(ready(now()), mapping=self.mapping.key).order_by("-since")[:BATCH]
            )
            ids = [row.record_id for row in rows]
            links = {
                record_id: link
                for record_id, link in store.links_of(self.mapping, ids).items()
                if link.state == RecordLink.State.LINKED
            }
            # What rests is let be until it is back.
            at_rest = resting.resting(self.mapping, links)
            gone = [row.pk for row in rows if row.record_id not in links]
            if gone:
                # What is linked later is looked at by the planner, which marks it anew.
                LineSet.objects.filter(pk__in=gone).delete()
            wanted = self._wanted({one: link.sf_id for one, link in links.items() if one not in at_rest})
            deals = [
                Deal(row, links[row.record_id].sf_id, wanted[row.record_id])
                for row in rows
                if row.record_id in wanted
            ]
            self._let_be([row for row in rows if row.record_id in links and row.record_id not in wanted])
        if not deals and gone:
            return self._claim()
        return _first(deals)

    def _wanted(self, opportunities: dict[UUID, str]) -> dict[UUID, Wanted]:
        if not opportunities or self.mapping.lines is None:
            return {}
        ours = present(self.mapping, list(opportunities))
        lines = self.mapping.lines.read(list(ours), self.several)
        return {
            record_id: wanted_of(self.mapping, record_id, one.title, one.normals, lines.get(record_id, []))
            for record_id, one in ours.items()
        }

    def _is_open(self, deal: Deal) -> bool:
        """Whether a record is to be compared there; one that is as it was is done with that, without a call."""
        known, one = deal.row, deal.wanted
        if (
            one.trouble
            or (one.items and known.digest != self.closing.digest(deal))
            or (not one.items and known.items)
        ):
            return True
        with transaction.atomic():
            self.closing.clear(deal)
            self.closing.save(deal, items=known.items, digest=known.digest)
        return False

    # --- sending ------------------------------------------------------------------------------

    def _send(self, deals: list[Deal]) -> None:
        book = self.book
        if book is None:
            return
        book.learn((item, one.wanted.currency) for one in deals for item in one.wanted.items)
        for one in deals:
            without_missing(one.wanted, book)
        there = [one for one in deals if one.wanted.items or one.row.items]
        if there:
            self._read(there)
            self._begin(there)
            self._write(there, book)
            self._take_back([one for one in there if one.wanted.trouble and one.has_tried])
        self.closing.end(deals, self._sums(there))

    def _read(self, deals: Sequence[Deal]) -> None:
        """Read the line items and the opportunities of a batch, with one call."""
        self.keep()
        ids = [one.opportunity for one in deals]
        names = ["Id", KEY, "OpportunityId", "PricebookEntryId", "Quantity", "UnitPrice", "Description"]
        about = ["Id", "Pricebook2Id", *([CURRENCY_THERE] if self.several else [])]
        rows, deals_there = self._ask(
            soql.select(ITEM, names, [soql.one_of("OpportunityId", ids), "IsDeleted = false"]),
            soql.select("Opportunity", about, [soql.one_of("Id", ids)]),
        )
        by_id = {one.opportunity: one for one in deals}
        for row in deals_there:
            by_id[str(row["Id"])].about = row
        for row in rows:
            one = by_id[str(row["OpportunityId"])]
            if row.get(KEY):
                one.rows.append(row)
            else:
                one.foreign += 1

    def _ask(self, *queries: str) -> list[list[Record]]:
        found: list[list[Record]] = []
        for each in self.org.read(queries):
            if isinstance(each, errors.SalesforceError):
                raise each
            found.append(each)
        return found

    def _begin(self, deals: Iterable[Deal]) -> None:
        """Note that a call is under way: until it has ended nobody knows how many line items are there."""
        with transaction.atomic():
            for one in deals:
                one.row.items = max(len(one.rows), len(one.wanted.items))
                LineSet.objects.filter(pk=one.row.pk).update(items=one.row.items, digest="")

    def _write(self, deals: Sequence[Deal], book: PriceBook) -> None:
        delete: list[str] = []
        books: list[Record] = []
        write: list[tuple[Deal, dict[str, object]]] = []
        for one in deals:
            self._check(one, book)
            change = changes(one.wanted, one.opportunity, book, one.rows)
            delete += change.delete
            write += [(one, record) for record in change.write]
            if change.write and one.about.get("Pricebook2Id") not in (None, book.id):
                books.append({"id": one.opportunity, "Pricebook2Id": book.id})
        self._delete(delete)
        for some in parts(books):
            self.keep()
            # What is refused here is refused again with the line items, in words.
            self.org.write("Opportunity", "", some)
        self._write_items(write)
        self.report.push(f"{self.mapping.key}.products", "deleted", len(delete))

    def _check(self, one: Deal, book: PriceBook) -> None:
        """Leave a record without line items that its opportunity would not take at present."""
        chosen = one.about.get("Pricebook2Id")
        if one.wanted.items and one.foreign and chosen not in (None, book.id):
            one.wanted.items, one.wanted.trouble = (
                [],
                (f"somebody in Salesforce has put products of another price book than {book.words} on it"),
            )
        there = str(one.about.get(CURRENCY_THERE) or "")
        if one.wanted.items and self.several and there != one.wanted.currency:
            # Its currency cannot change while line items are there: they go, it follows, they come back.
            one.waits_for_currency = bool(one.rows) and not one.foreign
            one.wanted.items = []
            if not one.waits_for_currency:
                one.wanted.trouble = f"it stands in {there} there and in {one.wanted.currency} here"

    def _write_items(self, write: Sequence[tuple[Deal, dict[str, object]]]) -> None:
        for some in parts(write):
            self.keep()
            records = [{name: plain(value) for name, value in record.items()} for _one, record in some]
            results = self.org.write(ITEM, KEY, records).results
            for (one, record), result in zip(some, results, strict=True):
                one.has_tried = True
                if result.error is None:
                    self.report.push(
                        f"{self.mapping.key}.products", "created" if result.created else "updated"
                    )
                    continue
                self.report.push(f"{self.mapping.key}.products", "failed")
                if result.error.reaction in _ALONG:
                    one.retries = True
                code = next((i.code for i in one.wanted.items if str(i.key) == record[KEY]), "")
                words = f"{code}: {result.error.code}: {result.error.message}"
                one.wanted.trouble = one.wanted.trouble or words

    def _delete(self, ids: Sequence[str]) -> None:
        for some in parts(ids):
            self.keep()
            # What could not be deleted is seen in the sums.
            self.org.delete(some)

    def _take_back(self, deals: Sequence[Deal]) -> None:
        """Take out what went of records of which something could not: a part of the lines is another amount."""
        refused = [one for one in deals if not one.retries]
        if not refused:
            return
        for one in refused:
            one.wanted.items, one.rows, one.foreign = [], [], 0
        self._read(refused)
        self._delete([str(row["Id"]) for one in refused for row in one.rows])

    # --- what became of it --------------------------------------------------------------------

    def _sums(self, deals: Sequence[Deal]) -> dict[str, Normal]:
        """Return the amounts that the opportunities have now; line items that are left are counted anew."""
        if not deals or self.mapping.lines is None:
            return {}
        amount = self.mapping.column(self.mapping.lines.amount)
        if amount is None:
            return {}
        self.keep()
        ids = soql.one_of("Id", [one.opportunity for one in deals])
        (rows,) = self._ask(soql.select("Opportunity", ["Id", amount.there], [ids]))
        return {str(row["Id"]): value_there(amount, row) for row in rows}

    def _let_be(self, rows: Sequence[LineSet]) -> None:
        """Do nothing about records that are not kept in step any more: what becomes of them takes their line items along."""
        LineSet.objects.filter(pk__in=[row.pk for row in rows]).update(is_dirty=False)

    def _stop(self, deals: Sequence[Deal], words: str) -> None:
        """Let all line items wait that nothing can be done about at present, and say why."""
        with transaction.atomic():
            for one in deals:
                self.closing.say(one, words)
            mine = LineSet.objects.filter(mapping=self.mapping.key, is_dirty=True)
            mine.update(not_before=now() + STOPPED)


def _first(deals: Sequence[Deal]) -> list[Deal]:
    """Return as many records as one batch takes, at least one."""
    found: list[Deal] = []
    count = 0
    for one in deals:
        count += len(one.wanted.items)
        if found and count > MOST_ITEMS:
            break
        found.append(one)
    return found
