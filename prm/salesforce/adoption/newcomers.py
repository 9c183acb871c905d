"""Records that are made there after the start: found by reading what lacks our key, and matched as before the start.

Who waits is seen in the list of what is there. Where a tenant's scope takes them, what is certain is linked, and what is
nobody's becomes a record here. Each is made, linked and noted in one transaction of its own under a lock of its row, so
that neither a kill nor a second worker doubles it. Writes nothing there: the engine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from prm.core.errors import Refused
from prm.mapping import Adopt, Making, Mapping
from prm.mapping.persons import RECORD_TYPE
from prm.salesforce.adoption import persons, reading, service
from prm.salesforce.engine import store
from prm.salesforce.engine.apply import ACTOR
from prm.salesforce.engine.models import Connection, PullCursor, RecordLink
from prm.salesforce.engine.pull import SWEEP_OVERLAP
from prm.salesforce.mapping import capture, registry
from prm.salesforce.mapping.choices import TakesChoice
from prm.salesforce.mapping.models import ObjectDescription
from prm.salesforce.matches.models import Match
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import Org
from prm.tenancy.context import acting_as
from prm.tenancy.use_cases import needs_no_right

REFUSED: Final = "Could not be made here"
"""The doubt of a record that could not become one here; what it was refused for is its reason."""
_LOOK_BACK: Final = timedelta(days=1)
"""How far the first look goes back where nobody noted by their clock when all that is there was read."""


@dataclass(slots=True)
class Newcomers:
    """What a look found: records read, and how many were linked, made here, and wait for a person."""

    read: int = 0
    linked: int = 0
    made: int = 0
    waiting: int = 0
    calls: int = 0

    def as_json(self) -> dict[str, int]:
        """Return it to be kept, or printed."""
        return asdict(self)


@needs_no_right(
    "what it makes is chosen with the mapping, which asks for the right; commands and the schedule call it"
)
def look(report: Callable[[str], None] = lambda _step: None) -> Newcomers:
    """Look for what was made there since the last look. Nothing before the start. Raises `SalesforceError`."""
    found = Newcomers()
    with transaction.atomic():
        bound = Connection.objects.filter(state=Connection.State.CONNECTED).first()
    if bound is None or bound.read_at is None:
        return found
    org = Org(StoredTokens())
    for key, one in registry.mappings().items():
        if one.adopt is not None and _is_looked_for(one, one.adopt, bound):
            report(f"Looking for new {one.there_words or one.sobject} records")
            _look(org, one, one.adopt, bound.read_at, found)
            takes = registry.choices_in_force().of(key).takes
            if takes.on:
                found.linked += service.link_certain(key)
                if one.adopt.making is not None:
                    found.made += _take(one, one.adopt.making, takes)
            with transaction.atomic():
                states = (Match.State.CERTAIN, Match.State.OPEN, Match.State.NEW)
                found.waiting += Match.objects.filter(mapping=key, state__in=states).count()
    found.calls = org.usage.calls
    return found


@transaction.atomic
def _is_looked_for(one: Mapping, adopt: Adopt, bound: Connection) -> bool:
    """Whether a record there could be one of ours, or become one, so that it is worth the calls."""
    if one.key not in bound.objects_read and not adopt.waits:
        return False  # nobody has asked what is there
    return adopt.making is not None or capture.has_records(database, one)


def _look(org: Org, one: Mapping, adopt: Adopt, read_at: datetime, found: Newcomers) -> None:
    with transaction.atomic():
        cursor: PullCursor = PullCursor.objects.get_or_create(sobject=one.sobject)[0]
    if cursor.newcomers_to:
        since = cursor.newcomers_to - SWEEP_OVERLAP
    else:
        # Read by a version that did not note their clock: by the slower of both, and a good while back.
        since = min(read_at, org.now()) - _LOOK_BACK
    began = time.monotonic()
    try:
        found.read += reading.read_new(org, one, adopt, since=since).read
    except errors.Permanent:
        return  # the object rests; the next look begins where this one did
    with transaction.atomic():
        # By their clock, and from before the first row was read, however long it took; the next look begins a good while before.
        moment = org.now() - timedelta(seconds=time.monotonic() - began)
        PullCursor.objects.filter(pk=cursor.pk).update(newcomers_to=moment)


# --- becoming one of ours -----------------------------------------------------------------------------


def _take(one: Mapping, making: Making, takes: TakesChoice) -> int:
    """Make records here of those there that are nobody's; return how many."""
    with transaction.atomic():
        described = ObjectDescription.objects.filter(sobject=one.sobject).first()
        types = {sf_id: name for name, sf_id in described.record_types.items()} if described else {}
        rows = Match.objects.filter(mapping=one.key, state=Match.State.NEW, key="").order_by("pk")
        waiting = [
            (row.pk, sort) for row in rows if persons.may_become(one, row, sort := _sort(row, takes, types))
        ]
    made = 0
    for match_id, sort in waiting:
        if sort:
            with acting_as(ACTOR), transaction.atomic():
                made += _make(one, making, match_id, sort)
    return made


def _sort(row: Match, takes: TakesChoice, types: dict[str, str]) -> str:
    record_type = str(row.values.get(RECORD_TYPE) or "")
    return takes.by_record_type.get(types.get(record_type, ""), takes.sort)


def _make(one: Mapping, making: Making, match_id: UUID, sort: str) -> bool:
    row = Match.objects.select_for_update().filter(pk=match_id, state=Match.State.NEW).first()
    if row is None or RecordLink.objects.filter(mapping=one.key, sf_id=row.sf_id).exists():
        return False
    try:
        with transaction.atomic():
            record_id = making.make(sort, row.name)
    except Refused as error:
        row.state, row.doubt, row.reason = Match.State.OPEN, REFUSED, error.message
        row.save(update_fields=["state", "doubt", "reason"])
        return False
    store.save_links([RecordLink(mapping=one.key, record_id=record_id, sf_id=row.sf_id)])
    store.enqueue(one, [record_id])
    row.state, row.record_id, row.record_name = Match.State.LINKED, record_id, row.name
    row.reason, row.made_here = "Made here of it.", True
    row.save()
    return True
