"""What became of the line items of a batch: the sum as what both sides hold of the amount, or a problem that says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Lines, Mapping, Normal
from prm.salesforce.engine import store
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.products.wanted import Wanted
from prm.salesforce.wire.client import Record

PROBLEM: Final = "Products"
"""Stands as the field of problems about line items."""


@dataclass(slots=True)
class Deal:
    """One record of a batch, its opportunity there, and what became of it."""

    row: LineSet
    opportunity: str
    wanted: Wanted
    has_tried: bool = False
    retries: bool = False
    waits_for_currency: bool = False
    foreign: int = 0
    rows: list[Record] = field(default_factory=list)
    about: Record = field(default_factory=dict)


class Closing:
    """Notes how the sets of one mapping stand."""

    def __init__(self, mapping: Mapping, lines: Lines) -> None:
        self.mapping, self.lines = mapping, lines

    def digest(self, deal: Deal) -> str:
        """Return what stands for the set that a record should have."""
        return deal.wanted.digest(self.lines.book, deal.opportunity)

    def end(self, deals: Sequence[Deal], sums: dict[str, Normal]) -> None:
        """Store how a batch ended; `sums` are the amounts by opportunity as Salesforce has them now."""
        with transaction.atomic():
            links = store.links_of(self.mapping, [one.wanted.record_id for one in deals])
            changed = []
            for one in deals:
                link = links.get(one.wanted.record_id)
                if link is not None and one.opportunity in sums:
                    changed += self._balance(one, link, sums[one.opportunity])
                self._close(one, sums.get(one.opportunity))
            store.save_links(changed)
            # Where they are gone the amount goes with the record again.
            again = [
                one.wanted.record_id
                for one in deals
                if not one.wanted.items
                and (
                    one.waits_for_currency or sums.get(one.opportunity, one.wanted.total) != one.wanted.total
                )
            ]
            store.enqueue(self.mapping, again)

    def _balance(self, one: Deal, link: RecordLink, theirs: Normal) -> list[RecordLink]:
        """Take the sum there as what both sides hold of the amount, so that a later change is measured by it."""
        name = self.lines.amount
        if link.agreed.get(name) == theirs and name not in link.apart:
            return []
        store.set_base(link, name, theirs, theirs)
        return [link]

    def _close(self, one: Deal, total: Normal) -> None:
        items = one.wanted.items
        if one.retries:
            self._later(one)
        elif one.wanted.trouble:
            self.say(
                one,
                f"{one.wanted.trouble[0].upper()}{one.wanted.trouble[1:]}. It goes with its amount and without products.",
            )
            self.save(one, items=0, digest="", until=store.held_until())
        elif items and total != one.wanted.total:
            also = (
                f" {one.foreign} of the products on it are not ours: delete them there."
                if one.foreign
                else ""
            )
            self.say(
                one, f"Salesforce adds its products up to {total}, and it is {one.wanted.total} here.{also}"
            )
            self.save(one, items=len(items), digest="", until=store.held_until())
        else:
            self.clear(one)
            self.save(one, items=len(items), digest=self.digest(one) if items else "")

    def _later(self, one: Deal) -> None:
        """Compare once more in a moment: what there was in the way passes."""
        self.say(one, f"{one.wanted.trouble}. It is tried again by itself.", SyncProblem.Kind.LATER)
        LineSet.objects.filter(pk=one.row.pk, version=one.row.version).update(
            attempts=one.row.attempts + 1, not_before=now() + store.backoff(one.row.attempts + 1)
        )

    def save(self, one: Deal, *, items: int, digest: str, until: datetime | None = None) -> None:
        """Note how a set stands; one that was marked meanwhile stays to be compared."""
        mine = LineSet.objects.filter(pk=one.row.pk)
        mine.update(items=items, digest=digest)
        mine.filter(version=one.row.version).update(is_dirty=until is not None, not_before=until, attempts=0)

    def say(self, one: Deal, words: str, kind: str = SyncProblem.Kind.REFUSED_THERE) -> None:
        """Keep why a record has no products, or others than it should."""
        store.note_problem(
            self.mapping, one.wanted.record_id, kind=kind, code=store.OF_LINES,
            message=words, title=one.wanted.title, field=PROBLEM, fields=[PROBLEM],
        )  # fmt: skip

    def clear(self, one: Deal) -> None:
        """Forget what was said of its products, and that Salesforce has ignored its amount: it is the sum now."""
        fields = [PROBLEM, *([self.lines.amount] if one.wanted.items else [])]
        known = SyncProblem.objects.filter(mapping=self.mapping.key, record_id=one.wanted.record_id)
        known.filter(field__in=fields).delete()
