"""A sync holds rows of ours only while it needs nobody: whoever changes records beside it never waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from django.db import connection as database
from django.db import transaction

from orders.book.models import Order
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Outbox, RecordLink
from prm.salesforce.mapping import registry
from prm.tenancy.context import tenant_scope
from tests.salesforce.test_apps import make_order

PATIENCE = 30


@contextmanager
def beside(tenant, work):
    """Let somebody else do work in a transaction that stays open until the block ends."""
    done, over = Event(), Event()

    def hold():
        try:
            with tenant_scope(tenant):
                work()
                done.set()
                assert over.wait(PATIENCE)
        finally:
            done.set()
            database.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert done.wait(PATIENCE)
        try:
            yield over
        finally:
            over.set()
            held.result(timeout=PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_released_without_waiting_for_who_is_changing_it(connected, bound):
    with transaction.atomic():
        order = make_order(create_partner(name="A", kind="agent"))
    connected.settle()
    with transaction.atomic():
        parent = RecordLink.objects.get(mapping="partners.partner")
        store.enqueue(registry.mapping("orders.order"), [order.pk])
        Outbox.objects.update(waits_mapping="partners.partner", waits_id=parent.record_id)
    with beside(bound.tenant, lambda: Order.objects.filter(pk=order.pk).update(number="2")):
        connected.sync(pull=False)  # would stand still
    connected.settle()
    with transaction.atomic():
        assert not Outbox.objects.exists()
    assert connected.there.one("Opportunity", order.pk)["Name"].endswith(" 2")


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_a_parent_that_is_linked_is_released_whoever_forgot_it(connected, bound):
    with transaction.atomic():
        order = make_order(create_partner(name="A", kind="agent"))
    connected.settle()
    with transaction.atomic():
        parent = RecordLink.objects.get(mapping="partners.partner")
        store.enqueue(registry.mapping("orders.order"), [order.pk])
        Outbox.objects.update(waits_mapping="partners.partner", waits_id=parent.record_id)
    connected.sync()
    with transaction.atomic():
        assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [True, False])
def test_making_records_dirty_waits_for_nobody(connected, bound, is_known):
    """Neither for a row that somebody is changing, nor for one that somebody is just adding."""
    first, second = create_partner(name="A", kind="agent"), create_partner(name="B", kind="agent")
    connected.settle()
    if is_known:
        with transaction.atomic():
            update_partner(first.pk, phone="1")
    mapping = registry.mapping("partners.partner")
    with beside(bound.tenant, lambda: Partner.objects.filter(pk=first.pk).update(phone="2")):
        with transaction.atomic():
            store.enqueue(mapping, [first.pk, second.pk])
            assert Outbox.objects.filter(record_id=second.pk).exists()
    with transaction.atomic():
        assert Outbox.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_records_those_that_somebody_is_changing_are_applied_last_and_alone(
    connected, bound, monkeypatch
):
    partners = [create_partner(name=f"P{number}", kind="agent", city="X") for number in range(3)]
    connected.settle()
    for partner in partners:
        connected.there.edit("Account", partner.pk, BillingCity="Weston")
    applied = []
    alone = store.lock_record

    with beside(bound.tenant, lambda: Partner.objects.filter(pk=partners[1].pk).update(phone="7")) as over:

        def seen(mapping, record_id):
            with transaction.atomic(durable=False):
                applied.append(
                    (record_id, set(Partner.objects.filter(city="Weston").values_list("pk", flat=True)))
                )
            over.set()  # whoever holds it goes on only now
            return alone(mapping, record_id)

        monkeypatch.setattr(store, "lock_record", seen)
        connected.sync(push=False)
    ((last, before),) = applied
    assert (last, before) == (partners[1].pk, {partners[0].pk, partners[2].pk})
    with transaction.atomic():
        assert set(Partner.objects.values_list("city", "phone")) == {("Weston", ""), ("Weston", "7")}


@pytest.mark.django_db(transaction=True)
def test_who_only_refers_to_a_record_holds_nobody_up(connected, bound):
    """A long import of orders refers to their partners: what changed of them there comes all the same."""
    partner = create_partner(name="A", kind="agent", city="X")
    connected.settle()
    connected.there.edit("Account", partner.pk, BillingCity="Weston")
    with beside(bound.tenant, lambda: make_order(partner)):
        connected.sync(push=False)
    with transaction.atomic():
        assert Partner.objects.get().city == "Weston"
