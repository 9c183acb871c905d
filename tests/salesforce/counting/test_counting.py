"""Counting in Salesforce against the sandbox organisation: one call when all is as known, records where it is not."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection as database

from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.salesforce.counting import service
from prm.salesforce.counting.models import CountedDay, SeenThere
from prm.salesforce.counting.rules import Tally, differing
from prm.salesforce.counting.sql import FUNCTIONS
from prm.salesforce.engine import store
from prm.salesforce.engine.models import SyncState
from prm.tenancy.context import tenant_scope
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)


def rows(sql, *params):
    with database.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def there(tenant):
    with tenant_scope(tenant):
        found = rows("SELECT record_id, state, held FROM prm_records_there('orders.order')")
    return {record_id: (state, json.loads(held)) for record_id, state, held in found}


def counted(**options):
    return service.count_there("orders.order", first=FIRST, last=LAST, pause=lambda _: None, **options)


def test_days_that_are_not_as_known_are_read_record_by_record(bound, connected):
    with tenant_scope(bound.tenant):
        make_partner("Dr. A", codes=["A1"])
        source = make_source()
        import_rows(source, *(f"{n},2026-05-{10 + n % 2},A1,X,1,{n}.10" for n in range(1, 5)))
        ids = {order.number: order.pk for order in source.orders.all()}
    connected.settle()
    connected.settle()
    connected.forget()

    quiet = counted()
    assert (quiet.days, quiet.differing, quiet.calls) == (2, 0, 1)

    connected.there.edit("Opportunity", ids["1"], Amount=9.99)
    connected.there.edit("Opportunity", ids["2"], CloseDate="2026-05-20")
    connected.there.edit("Opportunity", ids["3"], StageName="Prospecting")
    connected.there.delete("Opportunity", ids["4"])
    found = counted()
    assert (found.differing, found.unexplained, found.message) == (3, [], "")
    seen = there(bound.tenant)
    assert seen[ids["1"]][1]["Amount"] == "9.99"
    assert seen[ids["2"]][1]["CloseDate"] == "2026-05-20"
    assert seen[ids["3"]][1]["StageName"] == "Prospecting"
    assert seen[ids["4"]][0] == "missing"

    # What is as agreed again is forgotten.
    connected.there.edit("Opportunity", ids["1"], Amount=1.10)
    counted()
    with tenant_scope(bound.tenant):
        assert not SeenThere.objects.filter(record_id=ids["1"]).exists()
        day = CountedDay.objects.get(day=date(2026, 5, 20))
        assert (day.records, day.amount, day.known) == (1, Decimal("2.10"), 1)
        assert CountedDay.objects.count() == 31


def test_what_nobody_here_knows_of_is_said_and_a_sync_goes_first(bound, connected):
    connected.there.call(
        "POST",
        "sobjects/Opportunity",
        json={
            "Name": "Theirs",
            "StageName": "Closed Won",
            "CloseDate": "2026-05-07",
            "Amount": 5,
            "PRM_Id__c": "0190f0f0-0000-7000-8000-000000000001",
        },
    )
    assert counted().unexplained == [date(2026, 5, 7)]
    with tenant_scope(bound.tenant):
        SyncState.objects.update(lane=uuid7(), lane_until=store.database_time() + timedelta(minutes=1))
    assert counted().busy


def test_without_a_connection_nothing_can_be_counted(bound):
    with pytest.raises(Refused, match="not connected"):
        counted()


def test_days_differ_in_number_or_by_a_penny():
    may = date(2026, 5, 1)
    known = {may: Tally.of(2, Decimal("10.00"))}
    assert differing({may: Tally.of(2, Decimal("10.004"))}, known) == []
    assert differing({may: Tally.of(2, Decimal("10.01"))}, known) == [may]
    assert differing({}, known) == [may]


def test_the_doors_functions_answer_as_they_say(bound):
    with tenant_scope(bound.tenant):
        for signature, about in FUNCTIONS.items():
            call = signature.replace("which text", "'orders.order'")
            columns = about.split(":")[0].split()
            rows(f"SELECT {' '.join(columns)} FROM {call}")
