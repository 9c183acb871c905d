"""Records that are gone in Salesforce: deleted, by themselves or with their parent, or merged into another.

A merge deletes the losers and moves what hangs on them, without a stamp. The deleted row names the survivor.
Nothing here creates a record again: that is a person's decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from prm.mapping import Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.apply import Ask
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.report import Report
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import Record

MERGEABLE = frozenset({"Account", "Contact", "Lead", "Case"})
"""Objects whose records can be merged there, and which therefore have a field `MasterRecordId`."""


def fields_of_the_gone(sobject: str) -> list[str]:
    """Return what is read of a record to know whether, and how, it is gone."""
    return ["IsDeleted", *(["MasterRecordId"] if sobject in MERGEABLE else [])]


def note_gone(group: Iterable[Mapping], rows: Sequence[Record], report: Report, ask: Ask) -> None:
    """Note deleted rows as they were read (Id, and MasterRecordId where there is one); opens its own transactions."""
    masters = {str(row["Id"]): str(row.get("MasterRecordId") or "") for row in rows}
    for mapping in group:
        with transaction.atomic():
            known = RecordLink.objects.filter(
                mapping=mapping.key, sf_id__in=list(masters), state=RecordLink.State.LINKED
            )
            lost = list(known)
        merged = [link for link in lost if masters[link.sf_id]]
        deleted = [link for link in lost if not masters[link.sf_id]]
        _Merging(mapping, report, ask).note(merged, masters)
        with transaction.atomic():
            for link in deleted:
                mark_deleted(mapping, link, report)
            store.save_links(deleted)
            _with_the_survivor(mapping, deleted, report)


def mark_deleted(
    mapping: Mapping, link: RecordLink, report: Report, *, title: str = "", seen: bool = True
) -> None:
    """Note that a linked record is gone there; without `seen` nothing is left of it, or we may not see it."""
    link.state = RecordLink.State.DELETED_THERE
    report.pull(mapping.key, "deleted")
    words = "The record was deleted in Salesforce."
    if not seen:
        words = "The record is not in Salesforce any more, or its integration user cannot see it."
    store.note_problem(
        mapping,
        link.record_id,
        kind=SyncProblem.Kind.DELETED_THERE,
        code="ENTITY_IS_DELETED",
        message=words,
        title=title or store.title_of(mapping, link.agreed),
    )


def _with_the_survivor(mapping: Mapping, deleted: Sequence[RecordLink], report: Report) -> None:
    """Note that what had been merged into a deleted record is gone with it."""
    ids = [link.sf_id for link in deleted]
    merged = RecordLink.objects.filter(
        mapping=mapping.key, merged_into__in=ids, state=RecordLink.State.MERGED_THERE
    )
    followers = list(merged) if ids else []
    for link in followers:
        store.clear_problems(mapping, [link.record_id])
        mark_deleted(mapping, link, report)
        link.merged_into = ""
    store.save_links(followers)


class _Merging:
    """Lets records of one mapping follow a merge in Salesforce."""

    def __init__(self, mapping: Mapping, report: Report, ask: Ask) -> None:
        self.mapping = mapping
        self.report = report
        self.ask = ask

    def note(self, lost: Sequence[RecordLink], masters: dict[str, str]) -> None:
        """Follow each lost record to its survivor."""
        if not lost:
            return
        survivors = self._survivors({masters[link.sf_id] for link in lost})
        with transaction.atomic():
            for link in lost:
                master, name, key = self._last(masters[link.sf_id], survivors)
                self._follow(link, master, name, key)

    def _survivors(self, ids: set[str]) -> dict[str, Record]:
        """Read the survivors, and those into which these were merged in turn."""
        found: dict[str, Record] = {}
        wanted = sorted(ids)
        names = [
            "Id",
            self.mapping.title,
            self.mapping.external_id,
            *fields_of_the_gone(self.mapping.sobject),
        ]
        while wanted:
            where = [soql.one_of("Id", wanted[: soql.MOST_IDS])]
            rows = self.ask(soql.select(self.mapping.sobject, names, where))
            found |= {str(row["Id"]): row for row in rows}
            rest = set(wanted[soql.MOST_IDS :]) | {str(row.get("MasterRecordId") or "") for row in rows}
            wanted = sorted(rest - found.keys() - {""})
            if not rows:
                break
        return found

    def _last(self, master: str, survivors: dict[str, Record]) -> tuple[str, str, str]:
        """Return id, name and our key of the record at the end of a chain of merges."""
        passed: set[str] = set()
        while master not in passed:
            passed.add(master)
            row = survivors.get(master, {})
            if not row.get("MasterRecordId"):
                break
            master = str(row["MasterRecordId"])
        return master, str(row.get(self.mapping.title) or ""), str(row.get(self.mapping.external_id) or "")

    def _follow(self, link: RecordLink, master: str, name: str, key: str) -> None:
        old = link.sf_id
        if self._is_ours(master, key, link.record_id):
            link.state, link.merged_into = RecordLink.State.MERGED_THERE, master
            self._say(link, name or master)
        else:
            # Nobody here has the survivor: it is this record's twin from now on.
            store.forget_base(link, master)
            store.enqueue(self.mapping, [link.record_id])
        self.report.pull(self.mapping.key, "merged")
        earlier = list(RecordLink.objects.filter(mapping=self.mapping.key, merged_into=old))
        for other in earlier:
            other.merged_into = master
            self._say(other, name or master)
        store.save_links([link, *earlier])
        for each in (link, *earlier):
            store.enqueue_children(self.mapping, each.record_id, old)

    def _is_ours(self, master: str, key: str, record_id: UUID) -> bool:
        """Whether another record here has the survivor for its twin."""
        others = RecordLink.objects.filter(mapping=self.mapping.key).exclude(record_id=record_id)
        if others.filter(sf_id=master).exists():
            return True
        try:
            named = UUID(key)
        except ValueError:
            return False
        return named != record_id and bool(self.mapping.read([named]))

    def _say(self, link: RecordLink, survivor: str) -> None:
        noun = self.mapping.singular
        store.clear_problems(self.mapping, [link.record_id])
        store.note_problem(
            self.mapping,
            link.record_id,
            kind=SyncProblem.Kind.MERGED_THERE,
            code="MERGED",
            message=f"Its record in Salesforce was merged into “{survivor}”. What belongs to this {noun} goes there.",
            title=store.title_of(self.mapping, link.agreed),
        )
