"""Merges records of one mapping as Salesforce shows them into what we have.

What changes nothing here is stored set-wise. What does is applied record by record, each in its own
short transaction with the record locked, and is decided again under the lock: a person may be
saving at this very moment.
"""

from __future__ import annotations

from collections.abc import Mapping as Record
from typing import Any
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction

from prm.core.errors import Refused
from prm.mapping import BadValue, Mapping, Normal, Winner, parse_moment
from prm.salesforce.engine import decide, store
from prm.salesforce.engine.decide import Decision
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.report import Report
from prm.tenancy.context import Actor

Row = Record[str, Any]
Normals = Record[str, Normal]

DEADLOCK_TRIES = 3
ACTOR = Actor(kind="salesforce", door="salesforce", label="Salesforce")


class Merger:
    """Merges any number of records of one mapping; opens its own transactions."""

    def __init__(self, mapping: Mapping, report: Report) -> None:
        self.mapping = mapping
        self.report = report
        self.sent: dict[UUID, dict[str, Normal]] = {}

    def merge(self, pairs: dict[UUID, Row]) -> None:
        """Merge records given by their ids here."""
        differing: dict[UUID, Row] = {}
        links: list[RecordLink] = []
        with transaction.atomic():
            known = store.links_of(self.mapping, pairs)
            ours = self._ours(list(pairs))
            held = store.held_fields(self.mapping, pairs)
            self.sent = store.unanswered(self.mapping, pairs)
            dirty: list[UUID] = []
            for record_id, normals in ours.items():
                row = pairs[record_id]
                link = known.get(record_id) or self._new_link(record_id, row)
                decision = self._decide(link, row, normals, held.get(record_id, frozenset()))
                if decision is None:
                    continue
                if decision.apply or decision.clashes:
                    differing[record_id] = row
                    continue
                before = (link.agreed, link.modstamp)
                if self._settle(link, row, set(held.get(record_id, ()))) or decision.send:
                    dirty.append(record_id)
                if before != (link.agreed, link.modstamp) or record_id in dirty:
                    links.append(link)
            store.save_links(links)
            store.enqueue(self.mapping, dirty)
        for record_id, row in differing.items():
            self._apply_one(record_id, row)

    def _ours(self, ids: list[UUID]) -> dict[UUID, dict[str, Normal]]:
        normals: dict[UUID, dict[str, Normal]] = {}
        for record_id, values in self.mapping.read(ids).items():
            try:
                normals[record_id] = self.mapping.normals(values)
            except BadValue as error:
                self._refused(record_id, str(error), "")
        return normals

    def _new_link(self, record_id: UUID, row: Row) -> RecordLink:
        return RecordLink(mapping=self.mapping.key, record_id=record_id, sf_id=str(row["Id"]))

    def _theirs(self, record_id: UUID, row: Row) -> dict[str, Normal]:
        """Return the values to merge: what comes back, and what an unanswered call has sent."""
        sent = self.sent.get(record_id, {})
        return {
            one.there: one.normal(row[one.there])
            for one in self.mapping.fields
            if one.there in row and (one.pulls or one.there in sent)
        }

    def _decide(self, link: RecordLink, row: Row, ours: Normals, held: frozenset[str]) -> Decision | None:
        try:
            theirs = self._theirs(link.record_id, row)
        except BadValue as error:
            self._refused(link.record_id, str(error), store.title_of(self.mapping, ours))
            return None
        return decide.decide(
            self.mapping.fields,
            agreed=link.agreed,
            ours=ours,
            theirs=theirs,
            sent=self.sent.get(link.record_id),
            held=held,
        )

    def _apply_one(self, record_id: UUID, row: Row) -> None:
        """Apply one record in its own transaction; a deadlock with somebody's bulk work is retried."""
        for number in range(1, DEADLOCK_TRIES + 1):
            try:
                with transaction.atomic():
                    self._apply_locked(record_id, row)
            except OperationalError:
                if number == DEADLOCK_TRIES:
                    raise
            else:
                return

    def _apply_locked(self, record_id: UUID, row: Row) -> None:
        store.lock_records(self.mapping, [record_id])
        ours = self._ours([record_id]).get(record_id)
        if ours is None:
            return
        link = store.links_of(self.mapping, [record_id]).get(record_id)
        link = link or self._new_link(record_id, row)
        held = store.held_fields(self.mapping, [record_id]).get(record_id, frozenset())
        decision = self._decide(link, row, ours, held)
        if decision is None:
            return
        title = store.title_of(self.mapping, ours)
        for clash in decision.clashes:
            store.note_clash(self.mapping, record_id, title, clash)
            self.report.conflicts += 1
        stay = set(held) | {c.there for c in decision.clashes if c.winner is Winner.ASK}
        if decision.apply and not self._applied(record_id, decision, title):
            stay |= set(decision.apply)
        resend = self._settle(link, row, stay)
        store.save_links([link])
        if resend or decision.send:
            store.enqueue(self.mapping, [record_id])

    def _applied(self, record_id: UUID, decision: Decision, title: str) -> bool:
        if self.mapping.apply is None:
            return False
        values = {
            one.here: one.local(decision.apply[one.there])
            for one in self.mapping.fields
            if one.there in decision.apply
        }
        try:
            with transaction.atomic():
                self.mapping.apply(record_id, values)
        except Refused as error:
            self._refused(record_id, error.message, title)
            return False
        except OperationalError:
            raise
        except DatabaseError:
            self._refused(record_id, "A value from Salesforce cannot be stored here.", title)
            return False
        self.report.pull(self.mapping.key, "applied")
        return True

    def _settle(self, link: RecordLink, row: Row, stay: set[str]) -> bool:
        """Set the new agreed values, all but `stay`; return whether the record must be sent again."""
        theirs = self._theirs(link.record_id, row)
        returned = self._return(link, str(row["Id"]))
        agreed = link.agreed | {name: value for name, value in theirs.items() if name not in stay}
        agreed |= self._landed_parents(link.record_id, theirs)
        if agreed == link.agreed and not returned:
            self.report.pull(self.mapping.key, "unchanged")
        link.agreed, link.modstamp = agreed, parse_moment(str(row["SystemModstamp"]))
        return returned

    def _return(self, link: RecordLink, sf_id: str) -> bool:
        """Whether the record is new to us: never linked, undeleted there, or created anew."""
        new = link._state.adding or link.sf_id != sf_id  # noqa: SLF001  (Django has no public form)
        if link.state == RecordLink.State.DELETED_THERE:
            link.state, new = RecordLink.State.LINKED, True
            store.clear_problems(self.mapping, [link.record_id])
        link.sf_id = sf_id
        if new:
            self.report.pull(self.mapping.key, "linked")
        return new

    def _landed_parents(self, record_id: UUID, theirs: Normals) -> dict[str, Normal]:
        """Settle references too: they are not read, but a write is one piece, so they landed with the values."""
        sent = self.sent.get(record_id, {})
        values = {name: value for name, value in sent.items() if name in theirs}
        if not values or any(theirs[name] != value for name, value in values.items()):
            return {}
        return {name: value for name, value in sent.items() if name not in theirs}

    def _refused(self, record_id: UUID, message: str, title: str) -> None:
        store.note_problem(
            self.mapping,
            record_id,
            kind=SyncProblem.Kind.REFUSED_HERE,
            message=message,
            title=title,
        )
        self.report.pull(self.mapping.key, "refused")
