"""One field does not hold back another, in either direction, and each side keeps its own spelling."""

from datetime import date
from decimal import Decimal

import pytest

from activities.market.budgets.service import OpportunityInput, create_opportunity
from partners.directory.service import create_partner, update_partner
from prm.salesforce.inbox import service as inbox_service
from prm.salesforce.wire.client import Org
from prm.salesforce.wire.errors import UnknownOutcome


@pytest.fixture
def partner(connected):
    made = create_partner(name="Clinic One", kind="practice", city="Lyon", website="https://one.example")
    connected.settle()
    connected.forget()
    return made


def account(link, partner, *fields):
    row = link.there.one("Account", partner.pk, *fields)
    return tuple(row[name] for name in fields)


def fresh(record):
    return type(record).objects.get(pk=record.pk)


# --- from there -----------------------------------------------------------------------------------


def test_a_bad_website_there_holds_back_neither_phone_nor_city(connected, partner):
    """Case 19."""
    connected.there.edit("Account", partner.pk, Website="n/a", Phone="+1 555 0199", BillingCity="Marseille")
    connected.settle()
    assert (fresh(partner).phone, fresh(partner).city) == ("+1 555 0199", "Marseille")
    assert fresh(partner).website == "https://one.example"
    (problem,) = connected.problems()
    assert (problem.field, problem.kind) == ("Website", "refused_here")
    assert account(connected, partner, "Website") == ("n/a",)


def test_the_problem_of_a_field_heals_when_it_is_cured_there(connected, partner):
    connected.there.edit("Account", partner.pk, Website="n/a")
    connected.settle()
    connected.there.edit("Account", partner.pk, Website="https://two.example")
    connected.sync()
    assert fresh(partner).website == "https://two.example"
    assert connected.problems() == []


def test_the_problem_of_a_field_heals_when_it_is_cured_here(connected, partner):
    connected.there.edit("Account", partner.pk, Website="n/a")
    connected.settle()
    update_partner(partner.pk, website="https://two.example")
    connected.settle()
    assert account(connected, partner, "Website") == ("https://two.example",)
    assert connected.problems() == []


def test_a_refused_value_is_tried_again_by_hand(connected, partner):
    connected.there.edit("Account", partner.pk, Website="n/a")
    connected.settle()
    assert inbox_service.try_again() == 1
    connected.settle()
    (problem,) = connected.problems()
    assert (problem.field, problem.tries) == ("Website", 2)


def test_a_blank_amount_there_holds_back_no_other_field(connected, partner):
    made = create_opportunity(
        partner=partner,
        owner=None,
        details=OpportunityInput(name="Echo lab", amount=Decimal(1000), close_date=date(2027, 3, 1)),
    )
    connected.settle()
    connected.there.edit("Opportunity", made.pk, Amount=None, CloseDate="2027-05-01", Name="Echo")
    connected.settle()
    assert (fresh(made).name, fresh(made).close_date, fresh(made).amount) == (
        "Echo", date(2027, 5, 1), Decimal(1000),
    )  # fmt: skip
    assert [problem.field for problem in connected.problems()] == ["Amount"]
    assert connected.there.one("Opportunity", made.pk, "Amount")["Amount"] is None


def test_what_was_typed_there_stays_as_typed(connected, partner):
    """Case 20."""
    connected.there.edit("Account", partner.pk, Website="two.example")
    connected.settle()
    connected.forget()
    connected.settle()
    assert fresh(partner).website == "https://two.example"
    assert account(connected, partner, "Website") == ("two.example",)
    assert connected.writes() == []
    assert connected.problems() == []
    update_partner(partner.pk, phone="1")
    connected.settle()
    assert account(connected, partner, "Website", "Phone") == ("two.example", "1")


# --- from here ------------------------------------------------------------------------------------


def test_a_city_too_long_for_there_is_cut_there_and_whole_here(connected):
    """Case 18: the rule of the declaration, `cut`."""
    city = "Giugnano in Campania, Area Metropolitana di Partenope"
    partner = create_partner(name="Casa San Teodoro", kind="practice", city=city)
    connected.settle()
    assert account(connected, partner, "BillingCity") == (city[:39].rstrip() + "…",)
    connected.there.edit("Account", partner.pk, Phone="1")
    connected.settle()
    assert (fresh(partner).city, fresh(partner).phone) == (city, "1")


def test_an_address_too_long_for_there_is_a_problem_of_its_field_only(connected, partner):
    update_partner(partner.pk, email=f"{'a' * 60}@{'b' * 40}.example", phone="1")
    connected.settle()
    assert account(connected, partner, "PRM_Email__c", "Phone") == (None, "1")
    (problem,) = connected.problems()
    assert (problem.field, problem.code) == ("PRM_Email__c", "UNFIT")
    assert "at most 80 characters" in problem.message
    update_partner(partner.pk, email="a@b.example")
    connected.settle()
    assert connected.problems() == []


def test_a_field_that_salesforce_refuses_holds_back_no_other(connected, partner):
    connected.fault(
        "row_error",
        object="Account",
        when={"Phone": "bad"},
        code="STRING_TOO_LONG",
        message="No",
        fields=["Phone"],
    )
    update_partner(partner.pk, phone="bad", city="Nice")
    connected.sync()
    assert account(connected, partner, "Phone", "BillingCity") == (None, "Nice")
    (problem,) = connected.problems()
    assert (problem.field, problem.code) == ("Phone", "STRING_TOO_LONG")
    connected.forget()
    connected.settle()
    assert connected.writes() == []  # it waits, and is not hammered
    update_partner(partner.pk, phone="good")
    connected.settle()
    assert account(connected, partner, "Phone") == ("good",)
    assert connected.problems() == []


def test_a_new_record_goes_without_the_refused_field(connected):
    connected.fault(
        "row_error",
        object="Account",
        when={"Phone": "bad"},
        code="STRING_TOO_LONG",
        message="No",
        fields=["Phone"],
    )
    partner = create_partner(name="New", kind="practice", phone="bad", city="Nice")
    connected.sync()
    assert account(connected, partner, "Phone", "BillingCity") == (None, "Nice")


def test_a_problem_cured_there_disappears_without_a_push(connected, partner):
    """Fault 16."""
    connected.fault("validation", object="Account", when={"Phone": "1"}, field="Fax", times=1)
    update_partner(partner.pk, phone="1")
    connected.sync()
    assert len(connected.problems()) == 1
    connected.there.edit("Account", partner.pk, Phone="1")
    connected.sync(push=False)
    assert connected.problems() == []


# --- another record there -------------------------------------------------------------------------


def test_when_the_salesforce_id_changes_nothing_agreed_holds(connected, partner, monkeypatch):
    """Fault 1: the upsert was delayed, the account deleted meanwhile, and the answer lost."""
    update_partner(partner.pk, name="Clinic Two", phone="1")
    old = connected.there.one("Account", partner.pk)["Id"]
    upsert = Org.write

    def delayed(self, *args, **reads):
        monkeypatch.setattr(Org, "write", upsert)
        for change in ("delete", "purge"):
            connected.org.administration.change({"op": change, "id": old})
        assert upsert(self, *args, **reads).results[0].created
        raise UnknownOutcome("lost")

    monkeypatch.setattr(Org, "write", delayed)
    for _ in range(3):
        connected.sync()
    assert account(connected, partner, "Name", "Phone", "BillingCity", "PRM_Kind__c") == (
        "Clinic Two", "1", "Lyon", "Practice",
    )  # fmt: skip
    found = fresh(partner)
    assert (found.city, found.phone, found.website) == ("Lyon", "1", "https://one.example")


def test_children_follow_a_record_that_was_created_again(connected, partner):
    child = create_partner(name="Dr. Chow", kind="physician", organisation=partner)
    connected.settle()
    connected.there.delete("Account", partner.pk)
    connected.sync(patient=True)
    assert account(connected, child, "ParentId") == (None,)
    inbox_service.create_again(mapping="partners.partner", record_ids=[partner.pk])
    connected.settle()
    assert account(connected, child, "ParentId") == (connected.there.one("Account", partner.pk)["Id"],)
