"""The one way in: rules of the tenant's today, lines staged and merged, all or nothing."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from orders.book.models import Order
from orders.ingest.service import rules_for, take
from orders.sources.spec import Spec
from partners.standing.models import PartnerMonth
from prm.tenancy.context import tenant_scope
from tests.orders.factories import COLUMNS, make_source
from tests.orders.ingest.staged import put


def test_rules_are_those_of_the_tenant_in_scope_unless_the_source_says_otherwise(mercy, anchor, clock_at):
    # Still the 22nd in New York, already the 23rd in London.
    clock_at(datetime(2026, 11, 23, 2, tzinfo=ZoneInfo("UTC")))
    spec = Spec(columns=COLUMNS)
    with tenant_scope(mercy.tenant):
        ours = rules_for(spec)
        other = rules_for(Spec(columns=COLUMNS, timezone="Asia/Tokyo", currency="JPY"))
    with tenant_scope(anchor.tenant):
        theirs = rules_for(spec)
    assert (ours.zone.key, ours.currency, ours.today) == ("America/New_York", "USD", date(2026, 11, 22))
    assert (theirs.zone.key, theirs.currency, theirs.today) == ("Europe/London", "GBP", date(2026, 11, 23))
    assert other.zone.key == "Asia/Tokyo"


def test_what_is_put_on_the_stage_is_written_and_counted(in_mercy):
    source = make_source(create_partners=True)
    taken = take(source, lambda stage: put(stage, "1"))
    assert taken.merged.compared.created == taken.merged.partners_created == 1
    assert Order.objects.get().number == "1"
    assert PartnerMonth.objects.get().orders == 1


def test_another_specification_reads_and_the_source_stays_as_it_is(in_mercy):
    source = make_source(decimal_mark=",")
    english = source.rules.model_copy(update={"decimal_mark": "."})
    take(source, lambda stage: put(stage, "1", unit_price="2.50"), spec=english)
    assert Order.objects.get().amount == 2.5
    assert source.rules.decimal_mark == ","


def test_whatever_breaks_while_the_stage_is_filled_leaves_nothing(in_mercy):
    def fill(stage):
        put(stage, "1")
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        take(make_source(create_partners=True), fill)
    assert not Order.objects.exists()


def test_step_that_stops_the_merge_leaves_nothing(in_mercy):
    def stop(step):
        if step == "months":
            raise InterruptedError

    with pytest.raises(InterruptedError), transaction.atomic():
        take(make_source(create_partners=True), lambda stage: put(stage, "1"), on_step=stop)
    assert not Order.objects.exists()
