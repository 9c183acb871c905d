"""Salesforce → here, and both at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.service import (
    OpportunityInput,
    close_opportunity,
    create_opportunity,
    update_budget,
)
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core import clock
from prm.salesforce.engine import pull
from prm.salesforce.engine.models import Conflict, PullCursor, RecordLink
from prm.salesforce.inbox import service as inbox_service
from prm.salesforce.mapping import registry


@pytest.fixture
def partner(connected):
    made = create_partner(name="Dr. Chow", kind="physician", phone="1", city="Easton")
    connected.settle()
    connected.forget()
    return made


@pytest.fixture
def opportunity(partner, connected):
    made = create_opportunity(
        partner=partner,
        owner=None,
        details=OpportunityInput(name="Echo lab", amount=Decimal(1000), close_date=date(2027, 3, 1)),
    )
    connected.settle()
    return made


def here(record):
    return type(record).objects.get(pk=record.pk)


def asking(monkeypatch, key, there):
    """Let a field of a mapping ask a person about conflicts."""
    from dataclasses import replace

    from prm.mapping import Winner

    known = dict(registry.mappings())
    one = known[key]
    fields = tuple(replace(f, winner=Winner.ASK) if f.there == there else f for f in one.fields)
    known[key] = replace(one, fields=fields)
    monkeypatch.setattr(registry, "mappings", lambda: known)


def test_a_change_there_arrives_here(connected, partner):
    connected.there.edit("Account", partner.pk, Phone="2", BillingCity="Weston")
    report = connected.sync()
    assert (here(partner).phone, here(partner).city) == ("2", "Weston")
    assert report.pulled["partners.partner"]["applied"] == 1


def test_a_change_there_does_not_come_back_as_our_write(connected, partner):
    connected.there.edit("Account", partner.pk, Phone="2")
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    assert connected.dirty() == 0


def test_our_own_write_is_not_applied_when_it_comes_back(connected, partner):
    update_partner(partner.pk, phone="2")
    connected.sync()
    version = here(partner).version
    report = connected.settle()
    assert here(partner).version == version
    assert "applied" not in report.pulled["partners.partner"]


def test_quiet_when_idle(connected, partner):
    connected.settle()
    connected.forget()
    # As a worker polls: one call each.
    for _ in range(3):
        connected.sync(seconds=60)
    assert connected.writes() == []
    assert len(connected.entries()) <= 3


def test_different_fields_of_one_record_both_survive(connected, partner):
    connected.there.edit("Account", partner.pk, BillingCity="Weston")
    update_partner(partner.pk, phone="2")
    connected.settle()
    assert (here(partner).phone, here(partner).city) == ("2", "Weston")
    row = connected.there.one("Account", partner.pk, "Phone", "BillingCity")
    assert (row["Phone"], row["BillingCity"]) == ("2", "Weston")
    assert connected.conflicts() == []


def test_the_same_field_has_a_winner_and_the_loser_is_kept(connected, partner):
    connected.there.edit("Account", partner.pk, Phone="theirs")
    update_partner(partner.pk, phone="ours")
    connected.settle()
    assert here(partner).phone == "theirs"
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == "theirs"
    (conflict,) = connected.conflicts()
    assert (conflict.agreed, conflict.ours, conflict.theirs) == ("1", "ours", "theirs")
    assert conflict.state == Conflict.State.SETTLED


def test_the_loser_can_be_chosen_afterwards(connected, partner):
    connected.there.edit("Account", partner.pk, Phone="theirs")
    update_partner(partner.pk, phone="ours")
    connected.settle()
    (conflict,) = connected.conflicts()
    inbox_service.choose(conflict_id=conflict.pk, side="here")
    connected.settle()
    assert here(partner).phone == "ours"
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == "ours"
    assert connected.conflicts()[0].state == Conflict.State.CHOSEN


@pytest.mark.parametrize("side,stays", [("here", "ours"), ("salesforce", "theirs")])
def test_a_field_that_asks_waits_for_a_person(connected, partner, monkeypatch, side, stays):
    asking(monkeypatch, "partners.partner", "Phone")
    connected.there.edit("Account", partner.pk, Phone="theirs")
    update_partner(partner.pk, phone="ours", city="Weston")
    connected.settle()
    connected.forget()
    connected.settle()
    assert here(partner).phone == "ours"
    row = connected.there.one("Account", partner.pk, "Phone", "BillingCity")
    assert (row["Phone"], row["BillingCity"]) == ("theirs", "Weston")
    assert connected.writes() == []
    (conflict,) = connected.conflicts()
    inbox_service.choose(conflict_id=conflict.pk, side=side)
    connected.settle()
    assert here(partner).phone == stays
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == stays


def test_both_sides_made_the_same_change(connected, partner):
    connected.there.edit("Account", partner.pk, Phone="2")
    update_partner(partner.pk, phone="2")
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    assert connected.conflicts() == []


def test_an_emptied_field_arrives(connected, partner):
    connected.there.edit("Account", partner.pk, Phone=None)
    connected.sync()
    assert here(partner).phone == ""


def test_a_value_that_is_refused_here_is_said(connected, partner):
    connected.there.edit("Account", partner.pk, PRM_Email__c="a@b.example", Website="http://with space")
    connected.sync()
    (problem,) = connected.problems()
    assert problem.kind == "refused_here"
    assert here(partner).website == ""


def test_a_deleted_account_is_noted_and_comes_back(connected, partner):
    row = connected.there.one("Account", partner.pk)
    connected.there.delete("Account", partner.pk)
    connected.sync(patient=True)
    assert RecordLink.objects.get(record_id=partner.pk).state == "deleted_there"
    assert [problem.kind for problem in connected.problems()] == ["deleted_there"]
    assert row["Id"]


def test_accounts_that_are_not_ours_are_left_alone(connected, partner):
    connected.there.call("POST", "sobjects/Account", json={"Name": "Somebody else"})
    connected.settle()
    assert Partner.objects.count() == 1


def test_a_budget_changed_there_is_a_budget_update_here(connected, opportunity):
    connected.there.edit("Opportunity", opportunity.pk, Amount=2500.5, CloseDate="2027-04-01")
    connected.sync()
    found = here(opportunity)
    assert (found.amount, found.close_date) == (Decimal("2500.5"), date(2027, 4, 1))
    assert BudgetUpdate.objects.filter(opportunity=opportunity).count() == 2


def test_a_stage_goes_both_ways(connected, opportunity):
    connected.there.edit("Opportunity", opportunity.pk, StageName="Negotiation/Review")
    connected.sync()
    assert here(opportunity).stage == "negotiation"
    close_opportunity(opportunity=here(opportunity), state="won")
    connected.sync()
    assert connected.there.one("Opportunity", opportunity.pk, "StageName")["StageName"] == "Closed Won"


def test_a_finer_stage_there_is_left_as_it_is(connected, opportunity):
    connected.there.edit("Opportunity", opportunity.pk, StageName="Qualification")
    connected.settle()
    connected.there.edit("Opportunity", opportunity.pk, StageName="Needs Analysis")
    update_budget(opportunity=here(opportunity), by=None, amount=Decimal(7))
    connected.settle()
    assert here(opportunity).stage == "qualification"
    row = connected.there.one("Opportunity", opportunity.pk, "StageName", "Amount")
    assert (row["StageName"], row["Amount"]) == ("Needs Analysis", 7)


def test_closed_won_there_is_won_here(connected, opportunity):
    connected.there.edit("Opportunity", opportunity.pk, StageName="Closed Won", Amount=5)
    connected.sync()
    assert (here(opportunity).state, here(opportunity).amount) == ("won", Decimal(5))


def test_a_row_that_becomes_visible_late_is_found_by_the_sweep(connected, partner):
    """Stamped T, committed later; meanwhile rows with later stamps were read."""
    other = create_partner(name="Other", kind="agent")
    connected.settle()
    connected.fault("late_commit", object="Account", when={"Phone": "late"}, seconds=3, times=1)
    connected.there.edit("Account", partner.pk, Phone="late")
    connected.there.edit("Account", other.pk, Phone="soon")
    connected.sync()
    assert here(other).phone == "soon"
    cursor = PullCursor.objects.get(sobject="Account")
    cursor.stamp += timedelta(minutes=1)
    cursor.swept_at -= timedelta(minutes=6)
    cursor.save()
    import time

    deadline = time.monotonic() + 10
    while here(partner).phone != "late" and time.monotonic() < deadline:
        PullCursor.objects.filter(sobject="Account").update(swept_at=clock.now() - timedelta(minutes=6))
        connected.sync()
        time.sleep(0.5)
    assert here(partner).phone == "late"


def test_thousands_of_rows_in_one_second_are_all_read(connected, monkeypatch):
    """Keyset by (stamp, id): neither repeated for ever nor skipped."""
    partners = [create_partner(name=f"P{n:02}", kind="agent") for n in range(25)]
    connected.settle()
    monkeypatch.setattr(pull, "PAGE", 7)
    rows = connected.there.query("SELECT Id FROM Account")
    records = [{"attributes": {"type": "Account"}, "id": row["Id"], "Phone": "x"} for row in rows]
    connected.there.call("PATCH", "composite/sobjects", json={"allOrNone": True, "records": records})
    connected.sync()
    assert {here(p).phone for p in partners} == {"x"}


def test_our_clock_does_not_matter(connected, partner, clock_at):
    start = clock.now()
    for hours in (10, -10):
        clock_at(start + timedelta(hours=hours))
        connected.there.edit("Account", partner.pk, Phone=str(hours))
        connected.sync()
        assert here(partner).phone == str(hours)


def test_an_organisation_that_was_used_before_is_taken_over(connected, partner):
    """Links lost (a restored database): records there are recognised by our id, nothing is doubled."""
    RecordLink.objects.all().delete()
    PullCursor.objects.all().delete()
    connected.there.edit("Account", partner.pk, Phone="2")
    from django.db import connection

    from prm.salesforce.mapping import capture

    capture.enqueue_all(connection, registry.mappings().values())
    connected.settle()
    assert connected.there.count("Account") == 1
    assert RecordLink.objects.filter(mapping="partners.partner").count() == 1
    assert here(partner).phone == "2"


def test_two_opportunity_mappings_share_the_object(connected, opportunity):
    assert RecordLink.objects.get(record_id=opportunity.pk).mapping == "activities.opportunity"
    assert Opportunity.objects.count() == 1
