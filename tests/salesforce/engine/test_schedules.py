"""Random edits on both sides, random faults: nothing lost, nothing doubled, quiet in the end.

Every edit writes a value of its own. An edit may vanish only if somebody who saw it replaced it, or
if it lost a conflict that is recorded. More schedules: SCHEDULES=2000 pytest tests/salesforce/engine/test_schedules.py
"""

import os
from collections import defaultdict
from contextlib import suppress
from itertools import count

from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem, SyncSchedule, SyncState
from prm.salesforce.engine.results import Results

FIELDS = {"phone": "Phone", "city": "BillingCity"}
FAULTS = [
    {"kind": "lose_after", "method": "PATCH"},
    {"kind": "lose_before", "method": "PATCH"},
    {"kind": "lose_before", "method": "GET"},
    {"kind": "truncate"},
    {"kind": "html", "status": 503},
    {"kind": "html", "status": 502, "method": "PATCH"},
    {"kind": "token_death"},
    {"kind": "limit_concurrent"},
    {"kind": "row_lock", "object": "Account", "times": 2},
    {"kind": "row_error", "object": "Account", "code": "UNKNOWN_EXCEPTION", "message": "gack", "times": 1},
]

record = st.integers(0, 1)
field = st.sampled_from(sorted(FIELDS))
step = st.one_of(
    st.tuples(st.just("here"), record, field),
    st.tuples(st.just("here"), record, field),
    st.tuples(st.just("there"), record, field),
    st.tuples(st.just("there"), record, field),
    st.tuples(st.just("fault"), st.integers(0, len(FAULTS) - 1), st.none()),
    st.tuples(st.just("kill"), record, field),
    st.tuples(st.just("lose"), record, field),
    st.tuples(st.just("edit during call"), record, field),
    st.tuples(st.just("sync"), st.booleans(), st.booleans()),
    st.tuples(st.just("sync"), st.booleans(), st.booleans()),
)


class Killed(BaseException):
    """The worker is gone: nothing after this point runs."""


class World:
    """Both sides, and what was written where."""

    def __init__(self, link):
        self.link = link
        self.values = count(1)
        self.partners = [create_partner(name=f"P{n}", kind="agent", phone="0") for n in range(2)]
        self.edits = defaultdict(list)
        self.replaced = defaultdict(set)

    def here(self, number, name):
        value = f"h{next(self.values)}"
        partner = Partner.objects.get(pk=self.partners[number].pk)
        self.replaced[number, name].add(getattr(partner, name))
        self.edits[number, name].append(value)
        update_partner(partner.pk, **{name: value})

    def there(self, number, name):
        rows = self.link.there.query(
            f"SELECT Id, {FIELDS[name]} FROM Account WHERE PRM_Id__c = '{self.partners[number].pk}'"
        )
        if not rows:
            return
        value = f"t{next(self.values)}"
        self.replaced[number, name].add(rows[0][FIELDS[name]] or "")
        self.edits[number, name].append(value)
        self.link.there.call("PATCH", f"sobjects/Account/{rows[0]['Id']}", json={FIELDS[name]: value})

    def sync(self, push, pull):
        forget_pauses()
        self.link.sync(push=push or not pull, pull=pull)

    def lost(self, number, name):
        """A person saves, the answer to sending it is lost, the person saves again."""
        self.here(number, name)
        forget_pauses()
        self.link.fault("lose_after", method="PATCH", times=4)
        self.link.sync()
        self.here(number, name)

    def killed(self, number, name):
        """A person saves, the worker dies after sending it, the person saves again."""
        self.here(number, name)
        forget_pauses()
        store, Results.store = Results.store, lambda *args: (_ for _ in ()).throw(Killed())
        try:
            with suppress(Killed):
                self.link.sync()
        finally:
            Results.store = store
        self.here(number, name)

    def edited_during_call(self, number, name):
        """A person saves while the call is under way."""
        forget_pauses()
        store = Results.store

        def edit_first(pusher, *args):
            Results.store = store
            with transaction.atomic():
                self.here(number, name)
            return store(pusher, *args)

        Results.store = edit_first
        try:
            self.link.sync()
        finally:
            Results.store = store

    def run(self, steps):
        for kind, first, second in steps:
            if kind == "fault":
                self.link.fault(**FAULTS[first])
            elif kind == "kill":
                self.killed(first, second)
            elif kind == "lose":
                self.lost(first, second)
            elif kind == "edit during call":
                self.edited_during_call(first, second)
            elif kind == "sync":
                self.sync(first, second)
            else:
                faults = self.link.org.faults
                kept, faults._rules = faults._rules, []
                getattr(self, kind)(first, second)
                faults._rules = kept

    def settle(self):
        self.link.org.faults.clear()
        for _ in range(4):
            forget_pauses()
            self.link.sync()

    def final(self, number, name):
        mine = getattr(Partner.objects.get(pk=self.partners[number].pk), name)
        theirs = self.link.there.one("Account", self.partners[number].pk, FIELDS[name])[FIELDS[name]]
        return mine, theirs or ""


def forget_pauses():
    """Let time pass: pauses, claims and leases run out."""
    Outbox.objects.update(not_before=None, claimed_until="2000-01-01T00:00Z")
    SyncState.objects.update(lane=None, lane_until=None, not_before=None)
    SyncSchedule.objects.update(not_before=None)


def check(world):
    kept = {value for row in Conflict.objects.all() for value in (row.ours, row.theirs)}
    for row in Conflict.objects.all():
        # One side cannot be in conflict with itself: that would be an own write taken for an edit.
        assert (row.ours or "?")[0] != (row.theirs or "!")[0], (row.ours, row.theirs)
    for number in range(2):
        rows = world.link.there.query(
            f"SELECT Id FROM Account WHERE PRM_Id__c = '{world.partners[number].pk}'"
        )
        assert len(rows) == 1
        for name in FIELDS:
            mine, theirs = world.final(number, name)
            assert mine == theirs, (number, name)
            for value in world.edits[number, name]:
                assert value == mine or value in kept or value in world.replaced[number, name], (
                    f"{value} of {name} is lost; it ended as {mine}"
                )
    assert SyncProblem.objects.count() == 0
    world.link.forget()
    world.link.sync()
    assert world.link.writes() == []
    assert Outbox.objects.count() == 0


class Undo(Exception):
    """Takes the example's rows back."""


def example_of_its_own():
    """A transaction as a test has it: what commits by itself in the product may do so in it."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


@settings(
    max_examples=int(os.environ.get("SCHEDULES", "6")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="SCHEDULES" not in os.environ,
    phases=[Phase.explicit, Phase.generate],
)
@example([("kill", 0, "phone"), ("sync", True, True)])
@example([("lose", 0, "phone"), ("there", 0, "phone"), ("sync", False, True), ("sync", True, True)])
@example([("here", 0, "phone"), ("edit during call", 0, "phone"), ("there", 0, "phone")])
@example([("here", 0, "city"), ("there", 0, "city"), ("fault", 0, None), ("sync", True, True)])
@example([("here", 0, "city"), ("there", 0, "city"), ("sync", True, False)])
@given(st.lists(step, min_size=5, max_size=15))
def test_any_schedule_converges_without_loss(connected, steps):
    with suppress(Undo), example_of_its_own():
        world = World(connected)
        world.settle()
        world.run(steps)
        world.settle()
        check(world)
        raise Undo
