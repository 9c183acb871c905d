"""Database triggers that make records dirty."""

import pytest
from django.core.management import call_command
from django.db import connection

from partners.directory.models import Partner
from partners.directory.service import create_partner
from partners.standing.models import Standing
from prm.core.clock import now
from prm.core.triggers import TriggerFamily
from prm.mapping import Mapping, Touch
from prm.salesforce.engine.models import Connection, Outbox
from prm.salesforce.mapping import capture, checks, registry
from prm.salesforce.mapping.capture import TRIGGERS
from prm.tenancy.backend.owner import owner_mode
from prm.tenancy.context import bound_tenant

PARTNER = "partners.partner"


@pytest.fixture
def watched(bound):
    """A tenant that counts as connected, without an organisation."""
    Connection.objects.create(
        login_url="https://x.example",
        client_id="a",
        client_secret="b",
        organization_id="00D",
        state="connected",
    )
    return bound


def dirty():
    return {(row.mapping, row.record_id): row.version for row in Outbox.objects.all()}


def test_installed_triggers_are_those_declared(db):
    wanted = capture.bodies(registry.mappings().values())
    current = TRIGGERS.installed(connection)
    assert {
        TRIGGERS.function_name(table): TRIGGERS.mark(table, body) for table, body in wanted.items()
    } == current


def test_the_check_notices_a_missing_trigger(db, monkeypatch):
    assert checks.capture_is_installed(None, databases=["default"]) == []
    monkeypatch.setattr(TriggerFamily, "installed", lambda family, connection: {})
    found = checks.capture_is_installed(None, databases=["default"])
    assert {message.id for message in found} == {"salesforce.E002"}


def test_every_watched_column_exists(db):
    with connection.cursor() as cursor:
        for one in registry.mappings().values():
            for touch in one.touched_by:
                columns = {
                    column.name
                    for column in connection.introspection.get_table_description(cursor, touch.table)
                }
                needed = {touch.record, *touch.watch, "id"} | (set() if touch.shared else {"tenant_id"})
                assert needed <= columns, touch


def test_an_insert_makes_dirty(watched):
    partner = create_partner(name="A", kind="agent")
    assert (PARTNER, partner.pk) in dirty()


def test_a_bulk_update_is_one_statement_for_all(watched):
    partners = [create_partner(name=f"P{n}", kind="agent") for n in range(5)]
    Outbox.objects.all().delete()
    Partner.objects.update(phone="1")
    assert dirty() == {(PARTNER, partner.pk): 1 for partner in partners}


def test_an_update_of_other_columns_is_no_change(watched):
    create_partner(name="A", kind="agent")
    Outbox.objects.all().delete()
    Partner.objects.update(notes="x", version=5)
    assert dirty() == {}


def test_an_update_to_the_same_value_is_no_change(watched):
    create_partner(name="A", kind="agent", phone="1")
    Outbox.objects.all().delete()
    Partner.objects.update(phone="1")
    assert dirty() == {}


def test_a_second_change_raises_the_version(watched):
    partner = create_partner(name="A", kind="agent")
    Outbox.objects.all().delete()
    Partner.objects.update(phone="1")
    Partner.objects.update(phone="2")
    assert dirty() == {(PARTNER, partner.pk): 2}


def test_another_table_makes_its_record_dirty(watched):
    partner = create_partner(name="A", kind="agent")
    from partners.standing.service import recompute_standings

    recompute_standings([partner.pk])
    Outbox.objects.all().delete()
    Standing.objects.update(score=99)
    assert dirty() == {(PARTNER, partner.pk): 1}


def test_a_deletion_makes_dirty(watched):
    partner = create_partner(name="A", kind="agent")
    Outbox.objects.all().delete()
    Partner.objects.filter(pk=partner.pk).delete()
    assert (PARTNER, partner.pk) in dirty()


def test_a_rolled_back_change_leaves_nothing(watched):
    from django.db import transaction

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        create_partner(name="A", kind="agent")
        raise ZeroDivisionError
    assert dirty() == {}


def test_a_change_cancels_waiting_and_pauses(watched):
    partner = create_partner(name="A", kind="agent")
    Outbox.objects.update(
        not_before="2099-01-01T00:00Z", attempts=5, waits_mapping=PARTNER, waits_id=partner.pk
    )
    Partner.objects.update(phone="1")
    row = Outbox.objects.get(mapping=PARTNER, record_id=partner.pk)
    assert (row.not_before, row.attempts, row.waits_id) == (None, 0, None)


def test_a_disconnected_tenant_captures_nothing(watched):
    Connection.objects.update(state="disconnected")
    create_partner(name="A", kind="agent")
    assert dirty() == {}


def test_a_paused_tenant_captures(watched):
    Connection.objects.update(state="paused")
    create_partner(name="A", kind="agent")
    assert dirty()


def test_one_tenant_s_connection_does_not_capture_for_another(watched, anchor):
    with bound_tenant(anchor.tenant):
        create_partner(name="A", kind="agent")
        assert dirty() == {}


def test_the_condition_of_a_touch_holds_before_or_after(watched):
    from activities.visits.models import Visit

    partner = create_partner(name="A", kind="agent")
    visit = Visit.objects.create(
        partner=partner, rep=watched.rep, channel="phone", happened_at=now(), purpose="other"
    )
    assert {key for key, _ in dirty()} == {PARTNER, "activities.contact"}
    Outbox.objects.all().delete()
    Visit.objects.filter(pk=visit.pk).update(channel="in_person")
    assert {key for key, _ in dirty()} == {"activities.contact", "activities.meeting"}


def test_a_full_enqueue_takes_what_qualifies(watched):
    partner = create_partner(name="A", kind="agent")
    Outbox.objects.all().delete()
    capture.enqueue_all(connection, registry.mappings().values())
    assert dirty() == {(PARTNER, partner.pk): 1}


@pytest.mark.django_db(transaction=True)
def test_installing_is_repeatable_and_follows_the_declarations():
    declared = list(registry.mappings().values())
    with owner_mode():
        assert capture.install(connection, declared) == []
        less = [one for one in declared if one.key != "orders.order"]
        capture.install(connection, less)
        assert "prm_capture_orders_order" not in TRIGGERS.installed(connection)
        other = Mapping(
            key="a.b", singular="", plural="", sobject="B", fields=(), read=dict,
            touched_by=(Touch(table="orders_order", watch=("number",)),),
        )  # fmt: skip
        assert capture.install(connection, [*less, other]) == ["orders_order"]
        back = {
            "orders_order",
            "orders_ordersource",
            "orders_ordervalue",
            "ownfields_ownfield",
            "partners_partner",
            "tenancy_tenant",
        }
        assert set(capture.install(connection, declared)) == back
    call_command("check", database=["default"])
