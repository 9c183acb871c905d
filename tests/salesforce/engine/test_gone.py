"""Deleted and merged there: links follow, children follow, and nothing is created again by itself."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from activities.market.budgets.service import OpportunityInput, create_opportunity
from activities.visits.models import Visit
from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.inbox import service as inbox_service
from tests.salesforce.test_apps import make_order


@pytest.fixture
def winner(connected):
    return create_partner(name="Merge Winner", kind="practice")


@pytest.fixture
def loser(connected, winner):
    made = create_partner(name="Merge Loser", kind="practice", phone="1")
    connected.settle()
    return made


def plan(partner, name="Echo lab"):
    details = OpportunityInput(name=name, amount=Decimal(250), close_date=date(2027, 3, 1))
    return create_opportunity(partner=partner, owner=None, details=details)


def make_visit(partner, rep):
    at = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    return Visit.objects.create(
        partner=partner, rep=rep, channel="in_person", happened_at=at, purpose="relationship", learned="x"
    )


def sf_id(link, partner):
    return link.there.one("Account", partner.pk)["Id"]


def merge(link, into, *losers):
    change = {"op": "merge", "object": "Account", "id": into, "losers": list(losers)}
    link.org.administration.change(change)


def account_of(link, opportunity):
    return link.there.one("Opportunity", opportunity.pk, "AccountId")["AccountId"]


def test_later_records_of_a_merged_partner_reach_the_survivor(connected, winner, loser):
    """Case 21, fault 6."""
    survivor = sf_id(connected, winner)
    merge(connected, survivor, sf_id(connected, loser))
    connected.sync()
    made = plan(loser)
    connected.settle()
    assert account_of(connected, made) == survivor
    (problem,) = connected.problems()
    assert problem.kind == "merged_there"
    assert problem.message == (
        "Its record in Salesforce was merged into “Merge Winner”. What belongs to this partner goes there."
    )
    assert connected.there.count("Account") == 1


def test_a_merge_nobody_has_read_yet_is_noticed_when_the_partner_is_sent(connected, winner, loser):
    merge(connected, sf_id(connected, winner), sf_id(connected, loser))
    update_partner(loser.pk, phone="2")
    connected.sync(pull=False)
    assert RecordLink.objects.get(record_id=loser.pk).state == "merged_there"
    assert connected.there.count("Account") == 1


def test_children_that_moved_with_the_merge_are_left_in_peace(connected, winner, loser):
    made = plan(loser)
    connected.settle()
    survivor = sf_id(connected, winner)
    merge(connected, survivor, sf_id(connected, loser))
    connected.forget()
    connected.sync(patient=True)
    connected.settle()
    assert account_of(connected, made) == survivor
    assert connected.writes() == []


def test_a_chain_of_merges_ends_at_the_last_survivor(connected, winner, loser):
    third = create_partner(name="Third", kind="practice")
    connected.settle()
    merge(connected, sf_id(connected, loser), sf_id(connected, third))
    connected.sync(patient=True)
    survivor = sf_id(connected, winner)
    merge(connected, survivor, sf_id(connected, loser))
    connected.sync(patient=True)
    made = plan(third)
    connected.settle()
    assert account_of(connected, made) == survivor


def test_merged_into_an_account_nobody_here_has_the_partner_moves_with_it(connected, loser):
    stranger = connected.there.call("POST", "sobjects/Account", json={"Name": "Stranger"})["id"]
    merge(connected, stranger, sf_id(connected, loser))
    connected.sync(patient=True)
    connected.settle()
    assert sf_id(connected, loser) == stranger
    assert connected.problems() == []
    made = plan(loser)
    connected.settle()
    assert account_of(connected, made) == stranger


def test_a_loser_that_is_undeleted_is_itself_again(connected, winner, loser):
    made = plan(loser)
    connected.settle()
    old = sf_id(connected, loser)
    merge(connected, sf_id(connected, winner), old)
    connected.sync(patient=True)
    connected.org.administration.change({"op": "undelete", "id": old})
    connected.org.administration.change(
        {"object": "Account", "id": old, "fields": {"PRM_Id__c": str(loser.pk)}}
    )
    connected.sync(patient=True)
    connected.settle()
    assert account_of(connected, made) == old
    assert connected.problems() == []


def test_a_merge_undone_before_anybody_read_of_it_is_undone_for_the_children(connected, winner, loser):
    """Salesforce leaves them with the survivor, and neither merge nor undoing touches their stamps."""
    made, order = plan(loser), make_order(loser)
    connected.settle()
    survivor, old = sf_id(connected, winner), sf_id(connected, loser)
    merge(connected, survivor, old)
    connected.org.administration.change({"op": "undelete", "id": old})
    connected.settle()
    assert account_of(connected, order) == survivor
    update_partner(loser.pk, phone="2")
    connected.settle()
    connected.settle()
    assert sf_id(connected, loser) == old
    assert account_of(connected, order) == old
    # The opportunity can be moved there, and nobody can tell that from what the merge did: Salesforce wins.
    made.refresh_from_db()
    assert (account_of(connected, made), made.partner_id) == (survivor, winner.pk)
    audit = connected.sync(push=False, pull=False, audit=True).audit
    assert {key: one["different"] for key, one in audit.items() if one["different"]} == {}
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_an_older_account_that_comes_back_takes_the_children_from_the_survivor(connected, winner, loser):
    """Deleted, created again, the new one merged away, and then the first one restored: found by the soak, seed 12."""
    first = sf_id(connected, loser)
    connected.there.delete("Account", loser.pk)
    connected.sync()
    inbox_service.create_again(mapping="partners.partner", record_ids=[loser.pk])
    connected.settle()
    order = make_order(loser)
    connected.settle()
    survivor = sf_id(connected, winner)
    merge(connected, survivor, sf_id(connected, loser))
    connected.sync(patient=True)
    connected.settle()
    assert account_of(connected, order) == survivor
    for _ in range(2):
        connected.org.clock.advance(3000)  # the order is not among what is read again
        connected.settle()
    connected.org.administration.change({"op": "undelete", "id": first})
    connected.sync(patient=True)
    connected.settle()
    assert sf_id(connected, loser) == first
    assert account_of(connected, order) == first


def test_an_account_deleted_with_the_survivor_in_it_is_gone_for_both(connected, winner, loser):
    survivor = sf_id(connected, winner)
    merge(connected, survivor, sf_id(connected, loser))
    connected.sync(patient=True)
    connected.org.administration.change({"op": "delete", "id": survivor})
    connected.sync(patient=True)
    assert {problem.kind for problem in connected.problems()} == {"deleted_there"}
    assert {link.state for link in RecordLink.objects.all()} == {"deleted_there"}


# --- with their account, and moved ----------------------------------------------------------------


def test_what_is_deleted_with_its_account_is_read_of_all_objects(connected, loser, bound):
    """Fault 7: events, tasks, insights and orders only go there, and their deletions come back."""
    made, visit = plan(loser), make_visit(loser, bound.rep)
    connected.settle()
    connected.there.delete("Account", loser.pk)
    connected.sync()
    states = dict(RecordLink.objects.values_list("record_id", "state"))
    assert (states[made.pk], states[visit.pk]) == ("deleted_there", "deleted_there")
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_what_comes_back_with_its_account_is_linked_again(connected, loser, bound):
    visit = make_visit(loser, bound.rep)
    connected.settle()
    account = sf_id(connected, loser)
    connected.org.administration.change({"op": "delete", "id": account})
    connected.sync()
    connected.org.administration.change({"op": "undelete", "id": account})
    connected.settle()
    assert RecordLink.objects.get(record_id=visit.pk).state == "linked"
    assert connected.problems() == []


def test_an_opportunity_moved_there_moves_here(connected, winner, loser):
    """Fault 10."""
    made = plan(loser)
    connected.settle()
    connected.there.edit("Opportunity", made.pk, AccountId=sf_id(connected, winner))
    connected.settle()
    made.refresh_from_db()
    assert made.partner_id == winner.pk
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_an_opportunity_moved_to_a_strange_account_is_said(connected, loser):
    made = plan(loser)
    connected.settle()
    stranger = connected.there.call("POST", "sobjects/Account", json={"Name": "Stranger"})["id"]
    connected.there.edit("Opportunity", made.pk, AccountId=stranger, Amount=7)
    connected.settle()
    made.refresh_from_db()
    assert (made.partner_id, made.amount) == (loser.pk, Decimal(7))
    assert [problem.field for problem in connected.problems()] == ["AccountId"]
    assert account_of(connected, made) == stranger


def test_a_parent_cleared_there_is_cleared_here(connected, winner, loser):
    update_partner(loser.pk, organisation=winner)
    connected.settle()
    connected.there.edit("Account", loser.pk, ParentId=None)
    connected.settle()
    loser.refresh_from_db()
    assert loser.organisation_id is None


def test_a_parent_deleted_there_empties_nothing_here(connected, winner, loser):
    update_partner(loser.pk, organisation=winner)
    connected.settle()
    connected.there.delete("Account", winner.pk)
    connected.there.edit("Account", loser.pk, Phone="2")
    update_partner(loser.pk, city="Weston")
    connected.sync(pull=False)
    connected.settle()
    loser.refresh_from_db()
    assert (loser.organisation_id, loser.phone) == (winner.pk, "2")
    inbox_service.create_again(mapping="partners.partner", record_ids=[winner.pk])
    connected.settle()
    assert connected.there.one("Account", loser.pk, "ParentId")["ParentId"] == sf_id(connected, winner)
