"""What to send for a batch of dirty records: reads the present values, compares, sorts by parent."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from prm.core.clock import now
from prm.mapping import Mapping, Normal, Removed, addresses, amounts
from prm.mapping.beside import beside
from prm.mapping.decide import changed
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.engine import queue, resting, store
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.present import NOT_THERE, Key, Present, cannot_be_made, differs, present
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.guards import models as guards
from prm.salesforce.linesets import models as linesets
from prm.salesforce.wire.client import Record
from prm.salesforce.wire.errors import RowError

RESTING = timedelta(minutes=15)
"""How long a new record waits where Salesforce lets us make none; what rests is looked at as often."""

_HELD = frozenset({RecordLink.State.DELETED_THERE, RecordLink.State.MERGED_THERE, RecordLink.State.UNDOING})


@dataclass(frozen=True, slots=True)
class Doubts:
    """Records that may be ones there already: those nobody has decided about, and those that were told apart.

    `adopted` are those whose twin was there before us: it stays when the record here is gone.
    """

    undecided: AbstractSet[UUID] = frozenset()
    told_apart: AbstractSet[UUID] = frozenset()
    adopted: AbstractSet[UUID] = frozenset()


@dataclass(slots=True)
class Sending:
    """One record about to be sent. `diff` holds normal values by field name in Salesforce.

    `parent` is the Salesforce id of the first parent. With `by_id` the record is written by its Salesforce id,
    since it does not carry our key (yet). `told_apart`: a person has said that it is none of the records that a
    duplicate rule named. `refused` are the fields that Salesforce has refused
    already, with its words: the rest goes without them; `unfit` those whose value here cannot go at all.
    """

    claimed: Claimed
    title: str
    diff: dict[str, Normal]
    link: RecordLink | None
    parent: str = ""
    by_id: bool = False
    told_apart: bool = False
    awaited: Key | None = None
    refused: dict[str, RowError] = field(default_factory=dict)
    unfit: AbstractSet[str] = frozenset()

    def record(self, mapping: Mapping) -> Record:
        """Return the record as Salesforce takes it: changed fields and the key."""
        wire: Record = {mapping.external_id: str(self.claimed.record_id)}
        if self.by_id and self.link is not None:
            wire["id"] = self.link.sf_id
        for one in mapping.columns:
            if one.there in self.diff:
                wire[one.there] = one.wire(self.diff[one.there])
        return wire

    @property
    def group(self) -> tuple[str, str]:
        """Siblings lie together, so that one parent is locked by one call only."""
        return (self.parent, str(self.claimed.record_id))


@dataclass(slots=True)
class Batch:
    """What became of the claimed records before any call."""

    sending: list[Sending] = field(default_factory=list)
    removing: list[tuple[Claimed, RecordLink]] = field(default_factory=list)
    done: list[Claimed] = field(default_factory=list)


class Planner:
    """Plans one batch of one mapping. Call inside a transaction."""

    def __init__(
        self,
        mapping: Mapping,
        claimed: Sequence[Claimed],
        report: Report,
        unkeyed: AbstractSet[UUID] = frozenset(),
        doubts: Doubts = Doubts(),
    ) -> None:
        """Read everything the batch needs with a constant number of queries.

        `unkeyed` are records whose twin in Salesforce lacks our key.
        """
        self.unkeyed = unkeyed
        self.doubts = doubts
        ids = [row.record_id for row in claimed]
        self.mapping = mapping
        self.claimed = claimed
        self.report = report
        self.ours = present(mapping, ids)
        self.links = store.links_of(mapping, ids)
        guards.release(mapping.key, {record_id: mine.normals for record_id, mine in self.ours.items()})
        self.held = store.held_fields(mapping, ids)
        # What is gone here and was outside the scope: nothing of it is taken out there.
        rested = resting.resting(mapping, [one for one in ids if one not in self.ours])
        resting.forget(mapping, rested)
        self._stays = rested | doubts.adopted
        # Whose amount Salesforce adds up itself.
        self.added_up = linesets.with_items(mapping.key, ids) if mapping.has_lines else set()
        self.batch = Batch()
        self._still_open: dict[UUID, set[str]] = {}
        self._cured: set[UUID] = set()

    def plan(self) -> Batch:
        """Sort the batch into sending, removing, done; the rest waits or is held."""
        for row in self.claimed:
            ours = self.ours.get(row.record_id)
            link = self.links.get(row.record_id)
            if ours is None:
                self._leave(row, link)
            elif link is not None and link.state in _HELD:
                # Its problem is shown; what becomes of it is a person's decision.
                self.batch.done.append(row)
                self.report.push(self.mapping.key, "held")
            else:
                self._compare(row, link, ours)
        store.heal(self.mapping, self._still_open, self._cured)
        self._note_lines()
        self.batch.sending.sort(key=lambda sending: sending.group)
        return self.batch

    def _note_lines(self) -> None:
        """Have what the records consist of compared too; what is gone here takes its line items along."""
        if self.mapping.has_lines:
            linesets.mark(self.mapping.key, self.ours)
        gone = [row.record_id for row in self.claimed if row.record_id not in self.ours]
        if self.mapping.lines is not None and gone:
            linesets.forget(self.mapping.key, gone)

    def _leave(self, row: Claimed, link: RecordLink | None) -> None:
        """Plan for a record that is gone here, or not kept in step any more."""
        if "" in self.held.get(row.record_id, ()):
            # Part of a mass deletion that waits for a person.
            self.batch.done.append(row)
            return
        if link is None or link.state != RecordLink.State.LINKED:
            store.clear_problems(self.mapping, [row.record_id])
            self.batch.done.append(row)
        elif self.mapping.removed is Removed.DELETE and row.record_id not in self._stays:
            self.batch.removing.append((row, link))
        else:
            link.state = RecordLink.State.GONE_HERE
            store.save_links([link])
            store.clear_problems(self.mapping, [row.record_id])
            self.batch.done.append(row)

    def _compare(self, row: Claimed, link: RecordLink | None, ours: Present) -> None:
        there = link if link is not None and link.state not in NOT_THERE else None
        if ours.blocked and there is None:
            queue.wait_for(row, *ours.blocked[0])
            self.report.push(self.mapping.key, "waiting")
            return
        if self._is_for_somebody(row, ours, there):
            self.batch.done.append(row)
            self.report.push(self.mapping.key, "held")
            return
        parent = self._parent(ours)
        # What is there already is kept up to date, though its parent here is not there (any more).
        if there is not None:
            ours.normals = beside(self.mapping, ours.normals, there.agreed)
            self._keep_fixed(ours, there)
        self._name_unfit(row, ours)
        if there is None and self._cannot_be_made(row, ours):
            return
        sending = Sending(row, ours.title, {}, link, parent)
        sending.unfit = ours.unfit.keys()
        sending.awaited = ours.missing[0] if ours.missing else None
        sending.told_apart = row.record_id in self.doubts.told_apart
        sending.by_id = there is not None and row.record_id in self.unkeyed
        held = self.held.get(row.record_id, frozenset())
        agreed = there.agreed if there else {}
        sending.diff = changed(
            [one.there for one in self.mapping.written],
            agreed=agreed,
            apart=there.apart if there else {},
            ours=ours.normals,
            held=held,
        )
        amounts.together(self.mapping, sending.diff, ours.normals)
        self._leave_amount(row, there, sending.diff)
        for places in self.mapping.addresses:
            addresses.together(places, self.mapping.fields, sending.diff, agreed)
        if sending.diff or there is None or sending.by_id:
            self.batch.sending.append(sending)
            return
        self._still_open[row.record_id] = set(ours.unfit) | set(there.apart) | held
        if sending.awaited is not None:
            queue.wait_for(row, *sending.awaited)
        else:
            self._cured.add(row.record_id)
            self._unchanged(row, there)

    def _is_for_somebody(self, row: Claimed, ours: Present, there: RecordLink | None) -> bool:
        """Whether a person decides first: it may be one that is there already, or is of another form there."""
        if there is None:
            return row.record_id in self.doubts.undecided
        return differs(self.mapping, row.record_id, ours, there)

    def _leave_amount(self, row: Claimed, there: RecordLink | None, diff: dict[str, Normal]) -> None:
        """Leave the amount to Salesforce, which adds up line items and ignores what is sent; they go after the record.

        Another currency goes with its amount: it is refused until the line items are gone, which follows from that.
        """
        if there is None or self.mapping.lines is None or row.record_id not in self.added_up:
            return
        if CURRENCY_THERE in diff and there.agreed.get(CURRENCY_THERE) not in (None, diff[CURRENCY_THERE]):
            return
        diff.pop(self.mapping.lines.amount, None)
        diff.pop(CURRENCY_THERE, None)

    def _cannot_be_made(self, row: Claimed, ours: Present) -> bool:
        """Let a new record wait that the organisation would not take: none at all, none in this currency, or not as what it is."""
        if not self.mapping.creates:
            queue.postpone(row, now() + RESTING)
            self.report.push(self.mapping.key, "waiting")
            return True
        if amounts.lacks_currency(self.mapping, ours.unfit) or cannot_be_made(
            self.mapping, row.record_id, ours
        ):
            queue.postpone(row, store.held_until())
            self.report.push(self.mapping.key, "held")
            return True
        return False

    def _keep_fixed(self, ours: Present, there: RecordLink) -> None:
        """Leave out what Salesforce takes with a new record only, and say so where it is another here by now."""
        for one in self.mapping.columns:
            if one.fixed and one.there in ours.normals:
                value = ours.normals.pop(one.there)
                if value is not None and there.agreed.get(one.there) not in (None, value):
                    ours.unfit[one.there] = (
                        f"{one.words}: Salesforce takes it when a record is made and never after. Delete the record there, "
                        "then choose Create again here."
                    )

    def _parent(self, ours: Present) -> str:
        ids = (ours.normals.get(parent.there) for parent in self.mapping.parents)
        return next((one for one in ids if isinstance(one, str)), "")

    def _name_unfit(self, row: Claimed, ours: Present) -> None:
        """Say which values cannot go; the rest of the record goes without them."""
        for name, words in ours.unfit.items():
            store.note_problem(
                self.mapping,
                row.record_id,
                kind=SyncProblem.Kind.REFUSED_THERE,
                code="UNFIT",
                message=words,
                title=ours.title,
                field=name,
                fields=[name],
            )

    def _unchanged(self, row: Claimed, link: RecordLink) -> None:
        if link.state == RecordLink.State.GONE_HERE:
            link.state = RecordLink.State.LINKED
            store.save_links([link])
        self.batch.done.append(row)
        self.report.push(self.mapping.key, "unchanged")
