"""Whatever the values of a mapping come from is declared, down to the column, and its changes are captured.

Two halves of one rule, as for the score (`tests/test_score_sources.py`): the SQL that `read` really runs
names no column that `touched_by` does not, and every declared column makes the records dirty that rest on it.
"""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activities.campaigns.members.service import add_members, tell_members
from activities.campaigns.planning.service import start_campaign
from activities.visits.models import Visit
from orders.book.models import Order
from orders.catalogue.models import Product
from partners.contacts.models import Contact
from partners.directory.models import Partner
from partners.standing.service import recompute_standings
from prm.ownfields import values as own_values
from prm.ownfields.service import add_field
from prm.salesforce.engine.models import Connection, Outbox, SyncSchedule
from prm.salesforce.mapping import registry
from prm.tenancy.context import SYSTEM, acting_as, bound_tenant
from prm.tenancy.models import Tenant
from tests.activities import factories as make
from tests.activities.campaigns import factories as campaigns
from tests.orders.factories import make_order, make_source
from tests.partners.factories import make_partner

MAPPINGS = list(registry.mappings().values())
CHANGED = {
    "date": "{} + interval '10 days'",
    "timestamp with time zone": "coalesce({}, now()) + interval '1 day'",
    "numeric": "coalesce({}, 0) + 1",
    "integer": "coalesce({}, 0) + 1",
    "smallint": "coalesce({}, 0) + 1",
    "uuid": "gen_random_uuid()",
    "bigint": "{}",
    "boolean": "NOT {}",
    "ARRAY": "{}",
    "jsonb": "{}",
    "text": "{} || 'x'",
    "character varying": "left({} || 'x', 8)",
}
OWN_TABLES = ("partners_partnervalue", "orders_ordervalue", "activities_visitvalue")
# Stands for the lines of an order, which `Mapping.lines` reads where they go as products.
OF_LINES = {"orders_order.revision"}
# What a constraint wants otherwise.
OTHERWISE = {
    "orders_order.currency": "'SEK'",
    "partners_partner.country": "'SE'",
    "activities_opportunity.state": "'won', closed_at = now()",
    "activities_visit.channel": "CASE channel WHEN 'phone' THEN 'email' ELSE 'video' END",
    "activities_visit.next_step_due": "current_date",
    "activities_visit.next_step_done_at": "now()",
    "orders_order.state": "'cancelled'",
    "orders_order.partner_id": "(SELECT p.id FROM partners_partner p WHERE p.id <> partner_id LIMIT 1)",
    "orders_order.source_id": "(SELECT s.id FROM orders_ordersource s WHERE s.id <> source_id LIMIT 1)",
    "orders_order.counted": None,  # follows from amount and rate
    "accounts_user.email": "'new' || email",
    "accounts_membership.user_id": None,  # a member is one person for ever
    "tenancy_tenant.timezone": "'Asia/Tokyo'",
    "tenancy_tenant.currency": "'SEK'",
    "activities_opportunity.currency": "'SEK'",
    "campaigns_campaign.channels": "ARRAY['page']",
    "campaigns_campaign.state": "'ended'",
    "campaigns_campaign.ends_on": "ends_on + 9",
    "campaigns_campaign.starts_on": "starts_on - 9",
    "campaigns_member.group": "'held'",
    "campaigns_member.campaign_id": None,  # a member is one of its campaign for ever
    "partners_contact.partner_id": "(SELECT p.id FROM partners_partner p WHERE p.id <> partner_id LIMIT 1)",
    "activities_visit.met_id": "(SELECT c.id FROM partners_contact c LIMIT 1)",
    "campaigns_member.contact_id": None,
    "campaigns_member.came_on": "current_date",
    "campaigns_member.responded_on": "current_date",
    **dict.fromkeys([f"{table}.field_id" for table in OWN_TABLES]),  # a value is one of its field for ever
    **{f"{table}.number": "coalesce(number, 0) + 1" for table in OWN_TABLES},
    **{f"{table}.day": "coalesce(day, current_date) + 1" for table in OWN_TABLES},
    "ownfields_ownfield.choices": "'[]'",
    "campaigns_member.partner_id": "(SELECT p.id FROM partners_partner p WHERE p.id <> partner_id LIMIT 1)",
}


def connect():
    Connection.objects.create(
        login_url="https://x.example",
        client_id="a",
        client_secret="b",
        organization_id="00D",
        state="connected",
    )
    SyncSchedule.objects.create()


@pytest.fixture
def everything(in_mercy):
    """A tenant that counts as connected, with one record of each mapping and nothing dirty."""
    connect()
    elena = make_partner("Elena", codes=["E-1"])
    make.visit(elena, in_mercy.rep, learned="x", next_step="Call", minutes=5)
    make.visit(elena, in_mercy.rep, channel="phone", learned="x", next_step="Call", minutes=5)
    make.insight(elena, in_mercy.rep, differentiators=["price"], product=Product.objects.create(code="MRI"))
    make.opportunity(elena)
    make_partner("Otto")
    campaigns.counting()
    campaign = campaigns.campaign()
    people = Contact.objects.create(partner=elena, name="Ann Lee")
    add_members(campaign=campaign, partners=[elena.pk], contacts=[people.pk])
    start_campaign(campaign=campaign)
    with acting_as(SYSTEM):
        tell_members(campaign.pk)
    make_source("Other orders")
    make_order(make_source(), "A-1", code="E-1")
    recompute_standings([elena.pk])
    for of, model in (("partner", Partner), ("order", Order), ("visit", Visit)):
        add_field(of=of, name="Size", type="choice", choices=["Large", "Small"])
        own_values.write(of, {pk: {"size": "Large"} for pk in model.objects.values_list("pk", flat=True)})
    Outbox.objects.all().delete()
    return in_mercy


def ids_of(mapping):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM "{mapping.table}"')
        return [row[0] for row in cursor.fetchall()]


def declared(mapping):
    """Return the columns that are declared, with those that name rows."""
    found = set()
    for touch in mapping.touched_by:
        found |= {f"{touch.table}.{name}" for name in (*touch.watch, touch.record, "id", "tenant_id")}
    return found


def columns_read(queries):
    """Return the columns of tables of ours in the SQL that was run."""
    return {".".join(pair) for query in queries for pair in re.findall(r'"(\w+)"\."(\w+)"', query["sql"])}


def dirty():
    return set(Outbox.objects.values_list("mapping", flat=True))


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda one: one.key)
def test_what_is_read_is_declared(everything, mapping):
    ids = ids_of(mapping)
    with CaptureQueriesContext(connection) as queries:
        assert mapping.read(ids)
    assert columns_read(queries) - declared(mapping) == set()
    # Deferred columns would be read one by one.
    assert len(queries) <= 2
    # Time zone and currency come with the tenant in scope, without a query.
    zone = {
        "tenancy_tenant.timezone",
        "tenancy_tenant.currency",
        "tenancy_tenant.id",
        "tenancy_tenant.tenant_id",
    }
    # So do the fields that a tenant has added, as its kinds of partner do.
    zone |= {"ownfields_ownfield.choices", "ownfields_ownfield.is_archived"}
    watched = {f"{touch.table}.{name}" for touch in mapping.touched_by for name in touch.watch}
    # By these a scope asks, in its own SQL.
    asked = {
        f"{mapping.table}.{name}" for each in mapping.aspects for name in re.findall(r"\br\.(\w+)", each.sql)
    }
    # So it does of a parent who may be a person there, to whom nothing of this kind can belong.
    by_key = {each.key: each for each in MAPPINGS}
    above = [by_key[each.mapping] for each in mapping.parents if each.required and not each.persons]
    asked |= {
        f"{each.table}.{name}" for each in above for name in re.findall(r"\br\.(\w+)", each.persons.sql)
    }
    assert watched - zone - asked - OF_LINES - columns_read(queries) == set()
    assert asked <= watched


def test_every_declared_column_makes_its_records_dirty(everything):
    for mapping in MAPPINGS:
        for touch in mapping.touched_by:
            for column in touch.watch:
                assert mapping.key in _dirty_after(touch.table, column), f"{touch.table}.{column}"


def _dirty_after(table, column):
    name = f"{table}.{column}"
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [table, column],
        )
        changed = OTHERWISE.get(name, CHANGED[cursor.fetchone()[0]].format(f'"{column}"'))
        if changed is None:
            return {one.key for one in MAPPINGS}
        cursor.execute(f'UPDATE {table} SET "{column}" = {changed}')
        found = dirty()
        transaction.set_rollback(True)
    return found


def test_the_records_that_rest_on_a_renamed_thing_are_dirty_and_no_others(everything):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE activities_competitor SET name = 'Renamed'")
        cursor.execute("UPDATE orders_ordersource SET name = 'Renamed' WHERE name = 'Orders'")
    wanted = {("activities.insight", *ids_of(registry.mapping("activities.insight")))}
    wanted |= {("orders.order", Order.objects.get().pk)}
    assert set(Outbox.objects.values_list("mapping", "record_id")) == wanted


def test_a_rep_who_is_renamed_in_one_tenant_s_scope_concerns_every_tenant_of_the_rep(everything, anchor):
    with bound_tenant(anchor.tenant):
        connect()
        make.visit(make_partner("Otto"), anchor.rep)
        Outbox.objects.all().delete()
        rep = anchor.rep.user
    rep.name = "Somebody else"
    rep.save()
    assert dirty() == set()
    with bound_tenant(anchor.tenant):
        assert dirty() == {"activities.meeting"}


def test_a_time_zone_concerns_its_tenant_alone(everything, anchor):
    with bound_tenant(anchor.tenant):
        connect()
        make.visit(make_partner("Otto"), anchor.rep, channel="phone")
        Outbox.objects.all().delete()
    Tenant.objects.filter(pk=everything.tenant.pk).update(timezone="Asia/Tokyo")
    assert dirty() == {"activities.contact", "orders.order"}
    with bound_tenant(anchor.tenant):
        assert dirty() == set()
