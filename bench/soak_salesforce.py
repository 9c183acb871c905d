"""Random work on both sides of the Salesforce sync, under faults and kills, against a sandbox org.

Somebody edits here, somebody edits there, syncs run into faults, and their processes are killed at any step.
Every so often the faults end and both sides are reckoned up:

* lost: an edit that stands on no side, in no conflict, and that nobody who overwrote it had seen
* doubled: two living records there of one record here
* unrecorded: a field that differs between the sides without a reason that a person can read
* writes when quiet: records written by a sync with nothing to do
* sums: the opportunities' and orders' amounts here and there, to the penny

    make soak-salesforce ARGS="[--operations N] [--reckon-every N] [--seed N] [--minutes N]"
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from bench.common import fresh_tenant, start_django

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

PARTNER, OPPORTUNITY, ORDER = "partners.partner", "activities.opportunity", "orders.order"
TEXTS: Final = {
    "Name": "name", "Phone": "phone", "BillingCity": "city", "BillingState": "region", "PRM_Specialty__c": "specialty",
}  # fmt: skip
OPTIONAL: Final = ("Phone", "BillingCity", "BillingState", "PRM_Specialty__c")
REFERENCES: Final = ("AccountId", "ParentId")
REQUEST_FAULTS: Final = (
    {"kind": "lose_before"}, {"kind": "lose_after"}, {"kind": "truncate"}, {"kind": "status", "status": 500},
    {"kind": "status", "status": 503}, {"kind": "html"}, {"kind": "token_death"}, {"kind": "limit_concurrent"},
    {"kind": "limit_daily"},
)  # fmt: skip
ROW_FAULTS: Final = (
    {"kind": "row_lock", "probability": 0.4, "times": 20},
    {"kind": "validation", "message": "Not today.", "times": 3},
    {"kind": "row_error", "code": "FIELD_INTEGRITY_EXCEPTION", "message": "Bad field.", "fields": ["Phone"], "times": 2},
    {"kind": "late_commit", "seconds": 400, "times": 3},
)  # fmt: skip
MOST_STEPS = 60
QUIET_SYNCS = 12

Key = tuple[str, UUID, str]
"""A field of a record: mapping, id here, name of the field there."""


class Killed(BaseException):
    """Stands for the end of a process where none may be ended (in tests)."""


@dataclass(slots=True)
class Edit:
    """Who wrote what, and what stood on that side just before; `gone`: deleted or merged away there by somebody."""

    side: str
    value: str
    before: str
    gone: bool = False


@dataclass(slots=True)
class Counts:
    """What was done and what was found; everything from `lost` on must be 0."""

    operations: int = 0
    syncs: int = 0
    faults: int = 0
    kills: int = 0
    reckonings: int = 0
    conflicts: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    unrecorded: int = 0
    quiet_writes: int = 0
    sums_differ: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def violations(self) -> int:
        """How often a promise was broken."""
        return self.lost + self.doubled + self.unrecorded + self.quiet_writes + self.sums_differ


@dataclass(slots=True)
class Known:
    """What the product says of every record when both sides are reckoned up: by mapping and id.

    `links` are state and fields that rest apart, `said` the fields of problems and open conflicts ("" for the record),
    `waits` what waits for another record, `conflicts` both values by field, `edited` what people edited since the last time.
    """

    links: dict[tuple[str, UUID], tuple[str, frozenset[str]]] = field(default_factory=dict)
    said: dict[tuple[str, UUID], set[str]] = field(default_factory=lambda: defaultdict(set))
    waits: set[tuple[str, UUID]] = field(default_factory=set)
    conflicts: dict[Key, set[str]] = field(default_factory=dict)
    edited: dict[tuple[str, UUID], list[Key]] = field(default_factory=lambda: defaultdict(list))


class World:
    """A tenant connected to an org, people on both sides, and the memory of what they did.

    `killed(moment, work)` runs a sync that ends at its `moment`-th step, and says whether it got that far.
    """

    def __init__(self, org: SandboxOrg, seed: int, killed: Callable[[int, Callable[[], None]], bool]) -> None:
        self.org = org
        self.draw = random.Random(seed)
        self.killed = killed
        self.counts = Counts()
        self.edits: dict[Key, list[Edit]] = defaultdict(list)
        self.tokens = 0
        self.partners: list[UUID] = []
        self.opportunities: list[UUID] = []
        self.orders: list[UUID] = []

    # --- both sides as they are ----------------------------------------------------------------

    def here(self, mapping: str, ids: Sequence[UUID]) -> dict[UUID, dict[str, object]]:
        """Return the values here by field there; a parent as the account that is its twin, "" while it has none."""
        from django.db import transaction

        from prm.salesforce.engine.models import RecordLink
        from prm.salesforce.mapping import registry

        one = registry.mapping(mapping)
        found: dict[UUID, dict[str, object]] = {}
        with transaction.atomic():
            twins = {
                record_id: (merged or sf_id) if state in ("linked", "merged_there") else ""
                for record_id, sf_id, merged, state in RecordLink.objects.filter(mapping=PARTNER).values_list(
                    "record_id", "sf_id", "merged_into", "state"
                )
            }
            for key, values in one.read(ids).items():
                found[key] = dict(one.normals(values)[0])
                for parent in one.parents:
                    above = values.get(parent.here)
                    found[key][parent.there] = twins.get(above, "") if isinstance(above, UUID) else None
        return found

    def there(self, mapping: str, only: str = "") -> dict[UUID, dict[str, Any]]:
        """Return the living records there by our key; counts doubles."""
        from prm.salesforce.mapping import registry

        one = registry.mapping(mapping)
        names = ["Id", one.external_id, "IsDeleted", *(each.there for each in one.columns)]
        where = f"{one.external_id} != null" + (f" AND {one.external_id} = '{only}'" if only else "")
        found: dict[UUID, dict[str, Any]] = {}
        known = set(self._ids(mapping))
        for row in self.rows(f"SELECT {', '.join(names)} FROM {one.sobject} WHERE {where} ORDER BY Id"):
            key = UUID(row[one.external_id])
            if key not in known:
                continue
            if key in found:
                self.say("doubled", f"{mapping} {key}: {found[key]['Id']} and {row['Id']}")
            found[key] = {
                "Id": row["Id"],
                **{each.there: each.normal(row[each.there]) for each in one.columns},
            }
        return found

    def rows(self, soql: str) -> Iterator[dict[str, Any]]:
        with self.org.store.lock:
            page = self.org.queries.run(self.org.administrator, soql, base="")
            while True:
                yield from page["records"]  # type: ignore[misc]
                if page["done"]:
                    return
                locator = str(page["nextRecordsUrl"]).rsplit("/", 1)[1]
                page = self.org.queries.next_page(self.org.administrator, locator, base="")

    def _ids(self, mapping: str) -> list[UUID]:
        return {PARTNER: self.partners, OPPORTUNITY: self.opportunities, ORDER: self.orders}[mapping]

    # --- what people do ------------------------------------------------------------------------

    def token(self) -> str:
        self.tokens += 1
        return f"v{self.tokens}"

    def act(self) -> None:
        """Do one random thing on one of the sides."""
        acts: dict[Callable[[], None], int] = {
            self.new_partner: 4, self.edit_partner_here: 14, self.edit_partner_there: 14, self.new_opportunity: 4,
            self.edit_opportunity_here: 10, self.edit_opportunity_there: 10, self.new_order: 6, self.edit_order: 5,
            self.cancel_order: 1, self.delete_there: 1, self.merge_there: 1, self.undelete_there: 1,
            self.create_again: 1, self.clear_here: 2, self.clear_there: 2, self.move_opportunity_there: 2,
            self.set_parent_here: 2, self.set_parent_there: 2, self.approve_masses: 1,
        }  # fmt: skip
        (chosen,) = self.draw.choices(list(acts), list(acts.values()))
        from prm.core.errors import Refused

        self.counts.operations += 1
        self.counts.by_kind[chosen.__name__] += 1
        with suppress(Refused):
            chosen()

    def note(self, key: Key, side: str, value: str, before: object) -> None:
        """Remember an edit; what was there already is none."""
        if value != str(before):
            self.edits[key].append(Edit(side, value, str(before)))

    def new_partner(self) -> None:
        from django.db import transaction

        from partners.directory.service import create_partner

        with transaction.atomic():
            made = create_partner(name=f"Dr. {self.token()}", kind="physician", phone=self.token())
        self.partners.append(made.pk)

    def edit_partner_here(self) -> None:
        from django.db import transaction

        from partners.directory.service import update_partner

        if not self.partners:
            return
        partner = self.draw.choice(self.partners[-80:])
        there = self.draw.choice(list(TEXTS))
        value = self.token()
        before = self.here(PARTNER, [partner])[partner].get(there)
        with transaction.atomic():
            update_partner(partner, **{TEXTS[there]: value})
        self.note((PARTNER, partner, there), "here", value, before)

    def clear_here(self) -> None:
        """Empty a field of a partner here."""
        from django.db import transaction

        from partners.directory.service import update_partner

        if not self.partners:
            return
        partner = self.draw.choice(self.partners[-80:])
        there = self.draw.choice(OPTIONAL)
        before = self.here(PARTNER, [partner])[partner].get(there)
        with transaction.atomic():
            update_partner(partner, **{TEXTS[there]: ""})
        self.note((PARTNER, partner, there), "here", "None", before)

    def clear_there(self) -> None:
        """Empty a field of an account there."""
        self._edit_there(PARTNER, self.draw.choice(OPTIONAL), None)

    def account_of(self, partner: UUID) -> str:
        """Return the id of the living account of a partner; "" when there is none."""
        row = self.there(PARTNER, str(partner)).get(partner)
        return str(row["Id"]) if row else ""

    def move_opportunity_there(self) -> None:
        """Give an opportunity there to another of our accounts."""
        if self.partners and (account := self.account_of(self.draw.choice(self.partners[-80:]))):
            self._edit_there(OPPORTUNITY, "AccountId", account)

    def set_parent_there(self) -> None:
        """Put an account there below another one of ours, or below none."""
        if not self.partners:
            return
        account = self.account_of(self.draw.choice(self.partners[:5])) if self.draw.random() < 0.7 else None
        if account != "":
            self._edit_there(PARTNER, "ParentId", account, ids=self.partners[-80:][5:])

    def set_parent_here(self) -> None:
        """Put a partner here below another one, or below none."""
        from django.db import transaction

        from partners.directory.models import Partner
        from partners.directory.service import update_partner

        below = self.partners[-80:][5:]
        if not below:
            return
        partner, parent = self.draw.choice(below), self.draw.choice(self.partners[:5])
        account = self.account_of(parent) if self.draw.random() < 0.7 else None
        if account == "":
            return
        before = self.here(PARTNER, [partner])[partner].get("ParentId")
        with transaction.atomic():
            above = Partner.objects.get(pk=parent) if account else None
            update_partner(partner, organisation=above)
        self.note((PARTNER, partner, "ParentId"), "here", str(account), before)

    def approve_masses(self) -> None:
        """Let go what waits as a mass change."""
        from django.db import transaction

        from prm.salesforce.breakers import service
        from prm.salesforce.guards.models import MassChange

        with transaction.atomic():
            waiting = list(
                MassChange.objects.filter(state=MassChange.State.WAITING).values_list("pk", flat=True)
            )
        for one in waiting:
            service.approve(one)

    def edit_partner_there(self) -> None:
        self._edit_there(PARTNER, self.draw.choice(list(TEXTS)), self.token())

    def _edit_there(
        self,
        mapping: str,
        there: str,
        value: str | None,
        *,
        number: bool = False,
        ids: Sequence[UUID] | None = None,
    ) -> None:
        wanted = self._ids(mapping)[-80:] if ids is None else ids
        if not wanted:
            return
        record = self.draw.choice(wanted)
        row = self.there(mapping, str(record)).get(record)
        if row is None or row["Id"] == value:
            return
        sobject = "Account" if mapping == PARTNER else "Opportunity"
        sent: object = float(value) if number and value else value
        self.change({"op": "update", "object": sobject, "id": row["Id"], "fields": {there: sent}})
        self.note((mapping, record, there), "there", str(value), row[there])

    def change(self, wanted: dict[str, Any]) -> None:
        with self.org.store.lock:
            self.org.administration.change(wanted)

    def new_opportunity(self) -> None:
        from django.db import transaction

        from activities.market.budgets.service import OpportunityInput, create_opportunity
        from partners.directory.models import Partner

        if not self.partners:
            return
        with transaction.atomic():
            partner = Partner.objects.get(pk=self.draw.choice(self.partners[-80:]))
            details = OpportunityInput(name=self.token(), amount=self.amount(), close_date=date(2027, 3, 1))
            made = create_opportunity(partner=partner, owner=None, details=details)
        self.opportunities.append(made.pk)

    def amount(self) -> Decimal:
        self.tokens += 1
        return Decimal(self.tokens) + Decimal("0.25")

    def edit_opportunity_here(self) -> None:
        from django.db import transaction

        from activities.market.budgets.models import Opportunity
        from activities.market.budgets.service import change_opportunity, update_budget

        if not self.opportunities:
            return
        record = self.draw.choice(self.opportunities[-80:])
        there = self.draw.choice(["Name", "Amount"])
        before = self.here(OPPORTUNITY, [record])[record].get(there)
        with transaction.atomic():
            one = Opportunity.objects.select_for_update().get(pk=record)
            if there == "Name":
                value = self.token()
                change_opportunity(opportunity=one, name=value, stage=one.stage)
            else:
                value = f"{self.amount():f}"
                update_budget(opportunity=one, by=None, amount=Decimal(value))
        self.note((OPPORTUNITY, record, there), "here", value, before)

    def edit_opportunity_there(self) -> None:
        if self.draw.random() < 0.5:
            self._edit_there(OPPORTUNITY, "Name", self.token())
        else:
            self._edit_there(OPPORTUNITY, "Amount", f"{self.amount():f}", number=True)

    def new_order(self) -> None:
        from django.db import transaction

        from orders.book.models import Order
        from orders.sources.models import OrderSource

        if not self.partners:
            return
        with transaction.atomic():
            source, _ = OrderSource.objects.get_or_create(name="Soak")
            amount = self.amount()
            made = Order.objects.create(
                source=source, number=f"N{self.tokens}", partner_id=self.draw.choice(self.partners[-80:]), amount=amount,
                placed_at=datetime(2026, 11, 1, 12, tzinfo=UTC), month=date(2026, 11, 1), currency="USD", units=1,
                state="completed", content_hash=str(self.tokens),
            )  # fmt: skip
        self.orders.append(made.pk)

    def edit_order(self) -> None:
        from django.db import transaction

        from orders.book.models import Order

        if self.orders:
            with transaction.atomic():
                Order.objects.filter(pk=self.draw.choice(self.orders[-80:])).update(amount=self.amount())

    def cancel_order(self) -> None:
        """Untie an order: it leaves Salesforce."""
        from django.db import transaction

        from orders.book.models import Order

        if self.orders:
            with transaction.atomic():
                Order.objects.filter(pk=self.draw.choice(self.orders[-80:])).update(partner=None)

    def delete_there(self) -> None:
        mapping = self.draw.choice([PARTNER, OPPORTUNITY, OPPORTUNITY])
        ids = self._ids(mapping)[-80:]
        row = (
            self.there(mapping, str(record)).get(record)
            if ids and (record := self.draw.choice(ids))
            else None
        )
        if row is not None:
            self.change({"op": "delete", "id": row["Id"]})
            self.forget_what_was_deleted()

    def forget_what_was_deleted(self) -> None:
        """Excuse what somebody there wrote and somebody there deleted or merged away: nobody else lost it.

        A reference to what is not there any more was taken away by the same.
        """
        living = {mapping: self.there(mapping) for mapping in (PARTNER, OPPORTUNITY)}
        accounts = {str(row["Id"]) for row in living[PARTNER].values()}
        for key, edits in self.edits.items():
            is_gone = key[1] not in living[key[0]]
            for edit in edits:
                edit.gone |= is_gone and edit.side == "there"
                edit.gone |= key[2] in REFERENCES and edit.value not in (*accounts, "None")

    def merge_there(self) -> None:
        if len(self.partners) < 5:
            return
        first, second = self.draw.sample(self.partners[-80:], 2)
        one, other = self.there(PARTNER, str(first)).get(first), self.there(PARTNER, str(second)).get(second)
        if one is not None and other is not None:
            self.change({"op": "merge", "id": one["Id"], "losers": [other["Id"]], "fields": {}})
            self.forget_what_was_deleted()

    def undelete_there(self) -> None:
        from prm.sandbox.kit.errors import SandboxError

        with self.org.store.lock:
            page = self.org.queries.run(
                self.org.administrator,
                "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true",
                base="",
                all_rows=True,
            )
        rows: list[Any] = list(page["records"])  # type: ignore[arg-type]
        gone = [str(row["Id"]) for row in rows if not row["MasterRecordId"]]
        if gone:
            with suppress(SandboxError):
                self.change({"op": "undelete", "id": self.draw.choice(gone)})

    def create_again(self) -> None:
        from django.db import transaction

        from prm.salesforce.engine.models import SyncProblem
        from prm.salesforce.inbox import service

        with transaction.atomic():
            gone = list(SyncProblem.objects.filter(kind=SyncProblem.Kind.DELETED_THERE).order_by("record_id"))
        if gone:
            problem = self.draw.choice(gone)
            service.create_again(mapping=problem.mapping, record_ids=[problem.record_id])

    # --- syncing -------------------------------------------------------------------------------

    def sync(self, **wish: Any) -> Any:
        from prm.salesforce.runs import run

        self.counts.syncs += 1
        return run.sync(run.Wish(**{"patient": False, **wish}), pause=lambda _seconds: None)

    def sync_under_faults(self) -> None:
        chance = self.draw.random()
        if chance < 0.5:
            fault = dict(self.draw.choice(REQUEST_FAULTS if self.draw.random() < 0.7 else ROW_FAULTS))
            if fault["kind"] in {each["kind"] for each in REQUEST_FAULTS}:
                fault |= {"after": self.draw.randrange(6), "times": self.draw.choice([1, 1, 2, 5])}
            else:
                fault |= {"object": self.draw.choice(["Account", "Opportunity"])}
            self.org.faults.add(**fault)
        # Now and then as every night: everything is compared, and what is decided is repaired.
        wish = {"audit": True, "repair": True} if self.draw.random() < 0.04 else {}
        if chance < 0.35 or chance > 0.9:
            moment = self.draw.randrange(1, MOST_STEPS)
            self.counts.kills += self.killed(moment, lambda: void(self.sync(**wish)))
            self.end_waits(lane=True)
        else:
            self.sync(**wish)
        self.clear_faults()

    def clear_faults(self) -> None:
        self.counts.faults += sum(int(str(rule["struck"])) for rule in self.org.faults.show())
        self.org.faults.clear()

    def end_waits(self, *, lane: bool = False) -> None:
        """Let the time pass that a dead worker's lane and postponed records wait."""
        from django.db import transaction

        from prm.salesforce.engine.models import Connection, Outbox, SyncSchedule, SyncState

        with transaction.atomic():
            Outbox.objects.update(not_before=None)
            SyncState.objects.update(
                not_before=None, **({"lane_until": datetime(2020, 1, 1, tzinfo=UTC)} if lane else {})
            )
            SyncSchedule.objects.update(not_before=None)
            if Connection.objects.exclude(state="connected").exists():
                self.say("lost", "signed out by a passing fault")
                Connection.objects.update(state="connected")

    # --- reckoning -----------------------------------------------------------------------------

    def reckon(self) -> None:
        """End the faults, sync until nothing moves, and compare all promises."""
        self.clear_faults()
        self.counts.reckonings += 1
        for number in range(QUIET_SYNCS):
            self.end_waits()
            if number in (1, 3):
                # The overlaps are read again: what became visible late is found.
                self.org.clock.advance(330)
            self.org.log.clear()
            self.sync()
            if number > 3 and not self.written():
                break
        else:
            self.say("quiet_writes", f"{self.written()} after {QUIET_SYNCS} syncs")
        self.compare()
        self.edits.clear()

    def written(self) -> int:
        return int(self.org.log.report()["records_written"])  # type: ignore[call-overload]

    def say(self, what: str, words: str) -> None:
        setattr(self.counts, what, getattr(self.counts, what) + 1)
        if len(self.counts.details) < 50:
            self.counts.details.append(f"{what}: {words}")

    def compare(self) -> None:
        """Look at every record on both sides."""
        known = self._known()
        sums: Counter[str] = Counter()
        for mapping in (PARTNER, OPPORTUNITY, ORDER):
            ours, theirs = self.here(mapping, self._ids(mapping)), self.there(mapping)
            for record, values in ours.items():
                self._compare(known, (mapping, record), values, theirs.get(record), sums)
            for record in theirs.keys() - ours.keys():
                # Taking many out at once waits for a person, who is asked.
                if "" not in known.said.get((mapping, record), ()):
                    self.say("unrecorded", f"{mapping} {record} is there and not here; {self.about(record)}")
        if sums["here"] != sums["there"]:
            self.say("sums_differ", f"here {sums['here']}, there {sums['there']} cents")

    def about(self, record: UUID) -> str:
        """Return what the product keeps about a record, for whoever looks for the fault."""
        from django.db import transaction

        from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
        from prm.salesforce.guards.models import HeldChange

        with transaction.atomic():
            found = {
                model.__name__: list(model.objects.filter(record_id=record).values())
                for model in (RecordLink, Outbox, SyncProblem, HeldChange)
            }
        return json.dumps(found, default=str)

    def _known(self) -> Known:
        from django.db import transaction

        from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
        from prm.salesforce.guards.models import HeldChange, MassChange

        known = Known()
        with transaction.atomic():
            for link in RecordLink.objects.all():
                known.links[link.mapping, link.record_id] = (link.state, frozenset(link.apart))
            for problem in SyncProblem.objects.all():
                known.said[problem.mapping, problem.record_id].add(problem.field)
            for held in HeldChange.objects.filter(mass__state=MassChange.State.WAITING):
                known.said[held.mapping, held.record_id].add(held.field)
            waiting = Outbox.objects.filter(waits_id__isnull=False)
            known.waits |= set(waiting.values_list("mapping", "record_id"))
        known.conflicts, asked = self._conflicts()
        for mapping, record, there in asked:
            known.said[mapping, record].add(there)
        for key in self.edits:
            known.edited[key[:2]].append(key)
        return known

    def _compare(
        self,
        known: Known,
        which: tuple[str, UUID],
        values: dict[str, object],
        row: dict[str, Any] | None,
        sums: Counter[str],
    ) -> None:
        """Look at one record, and add its amount to both sums where no person is asked about it."""
        apart = known.links.get(which, ("none", frozenset()))[1]
        waits, said = which in known.waits, known.said.get(which, set())
        if row is None:
            if not waits and not said:
                self.say("unrecorded", f"{which} is not there; {self.about(which[1])}")
            return
        if not waits:
            self._find_unrecorded(which, row, values, said | apart)
            if "Amount" in values and "Amount" not in said:
                sums["here"] += _cents(values["Amount"])
                sums["there"] += _cents(row["Amount"])
        self._find_lost(known.edited.get(which, ()), row, values, known.conflicts)

    def _conflicts(self) -> tuple[dict[Key, set[str]], set[Key]]:
        """Return both values of every conflict by field, and the fields of which a person is asked."""
        from django.db import transaction

        from prm.salesforce.engine.models import Conflict

        both: dict[Key, set[str]] = defaultdict(set)
        asked: set[Key] = set()
        with transaction.atomic():
            rows = list(Conflict.objects.all())
        for one in rows:
            key = (one.mapping, one.record_id, one.there)
            both[key] |= {str(one.ours), str(one.theirs)}
            if one.state == Conflict.State.OPEN:
                asked.add(key)
        self.counts.conflicts = len(rows)
        return both, asked

    def _find_unrecorded(
        self, which: tuple[str, UUID], row: dict[str, Any], values: dict[str, object], said: AbstractSet[str]
    ) -> None:
        from prm.salesforce.mapping import registry

        for each in registry.mapping(which[0]).columns:
            mine, other = values.get(each.there), row[each.there]
            # A parent that is not there cannot be named there.
            if mine not in (other, "") and each.there not in said:
                self.say("unrecorded", f"{which} {each.there}: here {mine!r}, there {other!r}")

    def _find_lost(
        self,
        keys: Sequence[Key],
        row: dict[str, Any],
        values: dict[str, object],
        conflicts: dict[Key, set[str]],
    ) -> None:
        for key in keys:
            edits = self.edits[key]
            final = {str(row[key[2]]), str(values.get(key[2]))}
            for number, edit in enumerate(edits):
                later = edits[number + 1 :]
                known = (
                    edit.gone
                    or edit.value in final
                    or edit.value in conflicts[key]
                    or any(other.side == edit.side or other.before == edit.value for other in later)
                )
                if not known:
                    self.say("lost", f"{key} {edit} of {edits}, now {final}")


def _cents(value: object) -> int:
    return int(Decimal(str(value or 0)) * 100)


def void(_: object) -> None:
    """Take a result and leave it."""


def step_hook(moment: int, end: Callable[[], None]) -> Callable[[], None]:
    """Have `end` called at the `moment`-th step: before or after a commit, or a call to Salesforce.

    Returns what takes the hook out again.
    """
    from django.db.transaction import Atomic

    from prm.salesforce.wire.transport import SalesforceSession

    left = moment

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            end()

    leave, send = Atomic.__exit__, SalesforceSession._send  # noqa: SLF001  (the choke point of all calls)

    def stepping_exit(self: Any, *error: Any) -> None:
        try:
            step()
        except BaseException as killed:
            # What was written in it is gone, as with the process.
            leave(self, type(killed), killed, killed.__traceback__)
            raise
        leave(self, *error)
        step()

    def stepping_send(self: Any, *words: Any) -> Any:
        step()
        found = send(self, *words)
        step()
        return found

    Atomic.__exit__, SalesforceSession._send = stepping_exit, stepping_send  # type: ignore[method-assign]  # noqa: SLF001

    def undo() -> None:
        Atomic.__exit__, SalesforceSession._send = leave, send  # type: ignore[method-assign]  # noqa: SLF001

    return undo


def killed_in_a_process(moment: int, work: Callable[[], None]) -> bool:
    """Do the work in a process of its own, which is killed (SIGKILL) at that step."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            step_hook(moment, lambda: os.kill(os.getpid(), signal.SIGKILL))
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def killed_by_exception(moment: int, work: Callable[[], None]) -> bool:
    """Do the work here, ended by an exception that nothing catches."""

    def end() -> None:
        raise Killed

    undo = step_hook(moment, end)
    try:
        work()
    except Killed:
        return True
    finally:
        undo()
    return False


def play(
    world: World,
    operations: int,
    reckon_every: int,
    until: float = float("inf"),
    told: Callable[[str], None] = void,
) -> Counts:
    """Do random operations with syncs in between, and reckon up every so often, which is told."""
    while world.counts.operations < operations and time.monotonic() < until:
        for _ in range(reckon_every):
            world.act()
            if world.draw.random() < 0.15:
                world.sync_under_faults()
        world.reckon()
        found = world.counts
        told(
            f"{found.operations:,} operations, {found.faults} faults, {found.kills} kills: {found.violations} broken"
        )
        if found.violations:
            break
    return world.counts


@contextmanager
def connected_world(seed: int) -> Iterator[World]:
    """Connect a fresh tenant of this machine's database to an org in memory."""
    from prm.salesforce.setup import service as setup_service
    from prm.sandbox.org import SandboxOrg
    from prm.sandbox.server import SandboxServer
    from prm.tenancy.context import bound_tenant
    from prm.tenancy.models import Tenant

    org = SandboxOrg(daily_limit=100_000_000)
    tenant = Tenant.objects.get(slug=fresh_tenant())
    with SandboxServer(org) as server, bound_tenant(tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        setup_service.set_up()
        setup_service.start()
        yield World(org, seed, killed_in_a_process)


def main(arguments: Sequence[str] | None = None) -> None:
    """Play, print what was done and found, and fail if a promise was broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--reckon-every", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    options = parser.parse_args(arguments)
    start_django()
    started = time.monotonic()
    with connected_world(options.seed) as world:
        until = started + options.minutes * 60
        found = play(
            world, options.operations, options.reckon_every, until, lambda said: print(said, flush=True)
        )
    print(json.dumps({name: getattr(found, name) for name in Counts.__slots__}, indent=1))  # type: ignore[attr-defined]
    print(
        f"{timedelta(seconds=int(time.monotonic() - started))} for {found.operations:,} operations, seed {options.seed}"
    )
    if found.violations:
        raise SystemExit(f"{found.violations} promises were broken.")


if __name__ == "__main__":
    main(sys.argv[1:])
