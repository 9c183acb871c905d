"""What comes back in Salesforce while it has left its mapping here, or while nobody reads it: nothing is there unknown."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.visits.models import Visit
from orders.book.models import Order
from partners.directory.service import create_partner
from prm.salesforce.engine.models import Outbox, RecordLink
from prm.salesforce.inbox import service as inbox_service
from tests.salesforce.test_apps import make_order


@pytest.fixture
def partner(connected):
    return create_partner(name="Dr. Back", kind="physician")


def make_visit(partner, bound):
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    return Visit.objects.create(
        partner=partner,
        rep=bound.rep,
        channel="in_person",
        happened_at=at,
        purpose="relationship",
        learned="x",
    )


def undelete(link, sobject, record_id):
    row = link.there.query(f"SELECT Id FROM {sobject} WHERE PRM_Id__c = '{record_id}'", deleted=True)[0]
    link.org.administration.change({"op": "undelete", "id": row["Id"]})


def delete(link, sobject, record_id):
    link.there.delete(sobject, record_id)
    link.sync()


def alive(link, sobject, record_id):
    return link.there.query(f"SELECT Id FROM {sobject} WHERE PRM_Id__c = '{record_id}'")


def leave(order):
    """Let an order leave its mapping: it belongs to nobody here."""
    Order.objects.filter(pk=order.pk).update(partner=None)


Prepare = Callable[[Any, Order], None]


def gone_there(link: Any, order: Order) -> None:
    delete(link, "Opportunity", order.pk)


def to_be_made_again(link: Any, order: Order) -> None:
    """Somebody chose *Create again*, and the order left before it was sent."""
    delete(link, "Opportunity", order.pk)
    inbox_service.create_again(mapping="orders.order", record_ids=[order.pk])


@pytest.mark.parametrize("away", [gone_there, to_be_made_again])
@pytest.mark.parametrize("order_of_things", ["leaves first", "comes back first"])
def test_an_order_that_left_here_and_comes_back_there_is_taken_out_again(
    connected, partner, away, order_of_things
):
    """Found by the soak, seed 12: its link said that it was to be made again, and nothing here knew of it any more."""
    order = make_order(partner)
    connected.settle()
    away(connected, order)
    if order_of_things == "leaves first":
        leave(order)
        connected.sync()
        undelete(connected, "Opportunity", order.pk)
    else:
        undelete(connected, "Opportunity", order.pk)
        leave(order)
    connected.settle()
    connected.settle()
    assert alive(connected, "Opportunity", order.pk) == []
    assert not RecordLink.objects.filter(record_id=order.pk).exists()
    assert not Outbox.objects.filter(record_id=order.pk).exists()
    assert connected.problems() == []


def test_an_order_that_went_with_its_account_before_it_left_is_taken_out_when_the_account_is_back(
    connected, partner
):
    """Found by the soak, seed 12: taking it out met a record that was gone already, and its link was forgotten."""
    order = make_order(partner)
    connected.settle()
    account = connected.there.one("Account", partner.pk)["Id"]
    connected.org.administration.change({"op": "delete", "id": account})
    leave(order)
    connected.sync(pull=False)
    connected.org.administration.change({"op": "undelete", "id": account})
    for _ in range(3):
        connected.settle()
    assert alive(connected, "Opportunity", order.pk) == []
    assert not Outbox.objects.filter(record_id=order.pk).exists()


def test_what_an_unanswered_call_made_is_taken_out_when_it_left_meanwhile(connected, partner):
    """No link tells of it: the call that made the record there was never answered."""
    connected.settle()
    order = make_order(partner)
    connected.fault("lose_after", method="PATCH", object="Opportunity")
    connected.sync(pull=False)
    leave(order)
    for _ in range(3):
        connected.settle()
    assert alive(connected, "Opportunity", order.pk) == []
    assert not Outbox.objects.filter(record_id=order.pk).exists()


def test_what_only_goes_there_is_linked_again_when_somebody_undeletes_it_alone(connected, partner, bound):
    """Sibling: of events, tasks and insights only deletions were read, so the problem stayed for ever."""
    visit = make_visit(partner, bound)
    connected.settle()
    delete(connected, "Event", visit.pk)
    assert [problem.kind for problem in connected.problems()] == ["deleted_there"]
    undelete(connected, "Event", visit.pk)
    connected.settle()
    assert connected.problems() == []
    assert RecordLink.objects.get(record_id=visit.pk).state == "linked"
    Visit.objects.filter(pk=visit.pk).update(learned="They like the new scanner")
    connected.settle()
    (row,) = connected.there.query(f"SELECT Description FROM Event WHERE PRM_Id__c = '{visit.pk}'")
    assert "new scanner" in row["Description"]


def test_a_visit_deleted_on_both_sides_and_undeleted_there_is_taken_out_again(connected, partner, bound):
    visit = make_visit(partner, bound)
    connected.settle()
    delete(connected, "Event", visit.pk)
    Visit.objects.filter(pk=visit.pk).delete()
    connected.sync()
    undelete(connected, "Event", visit.pk)
    connected.settle()
    connected.settle()
    assert alive(connected, "Event", visit.pk) == []


def test_the_audit_finds_what_is_back_and_was_read_by_nobody(connected, partner):
    order = make_order(partner)
    connected.settle()
    delete(connected, "Opportunity", order.pk)
    link = RecordLink.objects.get(record_id=order.pk)
    undelete(connected, "Opportunity", order.pk)
    connected.settle()
    # As if its coming back had been committed there later than anything that was read.
    RecordLink.objects.filter(pk=link.pk).update(state=RecordLink.State.DELETED_THERE)
    looked = connected.sync(push=False, pull=False, audit=True)
    (shown,) = looked.audit["orders.order"]["differences"]
    assert shown["reason"] == "It was deleted in Salesforce and is there again."
    connected.sync(push=False, pull=False, audit=True, repair=True)
    assert RecordLink.objects.get(record_id=order.pk).state == "linked"
    again = connected.sync(push=False, pull=False, audit=True)
    assert again.audit["orders.order"]["differences"] == []


def test_the_audit_names_what_is_only_there(connected, partner):
    """A count alone says neither which record nor why."""
    order = make_order(partner)
    connected.settle()
    leave(order)
    connected.settle()
    undelete(connected, "Opportunity", order.pk)
    (shown,) = connected.sync(push=False, pull=False, audit=True).audit["orders.order"]["differences"]
    assert shown["id"] == str(order.pk)
    assert shown["reason"].startswith("It carries an id of ours, and no record here has it")
