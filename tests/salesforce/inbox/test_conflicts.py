"""Conflicts decided: one side, the other or a third value, alone and in bulk, and taken back."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from activities.market.budgets.models import Opportunity
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.errors import Refused
from prm.salesforce.engine.models import Conflict, SyncHour, SyncProblem
from prm.salesforce.inbox import queries, records, service
from prm.salesforce.runs import hours
from prm.tenancy.context import Actor, acting_as, tenant_scope
from tests.salesforce.engine.test_pull import asking

KEY = "partners.partner"


@pytest.fixture
def partner(connected):
    made = create_partner(name="Dr. Mei-Lin Chow", kind="physician", phone="(555) 010-4410", city="Easton")
    connected.settle()
    return made


@pytest.fixture
def both(connected, partner, monkeypatch):
    """Phone waits for a person, the city was settled for Salesforce; who did what is known."""
    asking(monkeypatch, KEY, "Phone")
    connected.there.edit("Account", partner.pk, Phone="(555) 010-4411", BillingCity="Weston")
    with acting_as(Actor(kind="user", door="page", label="J. Brandt", rights=frozenset({"partner.edit"}))):
        update_partner(partner.pk, phone="(555) 010-7720", city="Norton")
    connected.settle()
    return {one.there: one for one in connected.conflicts()}


def here(partner):
    return Partner.objects.get(pk=partner.pk)


def there(connected, partner, field="Phone"):
    return connected.there.one("Account", partner.pk, field)[field]


def test_both_sides_say_who_and_when_in_words_of_people(connected, partner, both):
    phone = both["Phone"]
    assert (phone.state, phone.ours_by) == ("open", "J. Brandt")
    assert (
        phone.theirs_by
        == connected.there.query(f"SELECT Name FROM User WHERE Id = '{phone.theirs_id}'")[0]["Name"]
    )
    assert phone.ours_at and phone.theirs_at and phone.agreed_at
    detail = queries.detail(f"{KEY}:{partner.pk}")
    assert [row.label for row in detail.rows] == ["City", "Phone"]
    assert [piece.text for piece in detail.rows[1].ours.pieces if piece.differs] == ["7720"]
    (case,) = queries.cases_of(queries.cases(queries.inbox()))
    assert (case.title, case.is_open) == ("Dr. Mei-Lin Chow", True)
    # Hours are noted with every run.
    hour = SyncHour.objects.get()
    assert hour.runs >= 4 and hour.sent >= 1 and hour.received >= 1
    assert (
        hours.percentile(hour.lags_out, 0.5) is not None and hours.percentile(hour.lags_back, 0.5) is not None
    )


def test_a_third_value_goes_to_both_sides_and_back_again(connected, partner, both):
    phone = both["Phone"].pk
    service.choose(conflict_id=phone, side="other", value="(555) 010-9999")
    connected.settle()
    assert (here(partner).phone, there(connected, partner)) == ("(555) 010-9999", "(555) 010-9999")
    service.undo(conflict_id=phone)
    connected.settle()
    again = Conflict.objects.get(pk=phone)
    assert (again.state, again.theirs) == ("open", "(555) 010-4411")
    # Each side keeps what it has until somebody decides: ours is what it was, theirs what was decided before.
    assert (here(partner).phone, there(connected, partner)) == ("(555) 010-7720", "(555) 010-9999")
    service.choose(conflict_id=phone, side="salesforce")
    connected.settle()
    assert (here(partner).phone, there(connected, partner)) == ("(555) 010-4411", "(555) 010-4411")
    update_partner(partner.pk, phone="1")
    with pytest.raises(Refused, match="Phone was changed since"):
        service.undo(conflict_id=phone)


def test_what_does_not_fit_either_side_is_refused_and_nothing_is_stored(connected, partner, both):
    with pytest.raises(Refused, match="Phone: at most 40 characters fit in Salesforce"):
        service.choose(conflict_id=both["Phone"].pk, side="other", value="1" * 41)
    choices = [
        service.Choice(both["City" if "City" in both else "BillingCity"].pk, "here"),
        service.Choice(both["Phone"].pk, "sideways"),
    ]
    with pytest.raises(Refused):
        service.choose_all(choices=choices)
    chosen = service.choose_many(choices=choices)
    assert (len(chosen.done), list(chosen.refused)) == (1, [both["Phone"].pk])
    assert Conflict.objects.get(pk=both["Phone"].pk).state == "open"
    connected.settle()
    assert (here(partner).city, there(connected, partner, "BillingCity")) == ("Norton", "Norton")


def test_what_becomes_equal_or_changes_again_is_followed(connected, partner, both):
    connected.there.edit("Account", partner.pk, Phone="5")
    connected.settle()
    phone = Conflict.objects.get(pk=both["Phone"].pk)
    assert (phone.state, phone.theirs, phone.ours) == ("open", "5", "(555) 010-7720")
    update_partner(partner.pk, phone="5")
    connected.there.edit("Account", partner.pk, Phone="5")
    connected.settle()
    assert Conflict.objects.get(pk=phone.pk).state == "equal"
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_a_moved_record_is_decided_by_name(connected, partner):
    other = create_partner(name="Harbor Clinic", kind="physician")
    third = create_partner(name="Mill Clinic", kind="physician")
    budget = Opportunity.objects.create(
        partner=partner, name="Echo lab", amount=Decimal(1), close_date=date(2027, 1, 1), stage="prospecting"
    )
    connected.settle()
    moved_to = connected.there.one("Account", other.pk)["Id"]
    connected.there.edit("Opportunity", budget.pk, AccountId=moved_to)
    Opportunity.objects.filter(pk=budget.pk).update(partner=third)
    connected.settle()
    (conflict,) = connected.conflicts()
    (row,) = queries.rows([conflict])
    assert (row.label, row.agreed, row.ours.text, row.theirs.text) == (
        "Partner", "Dr. Mei-Lin Chow", "Mill Clinic", "Harbor Clinic",
    )  # fmt: skip
    assert not row.may_type
    service.choose(conflict_id=conflict.pk, side="here")
    connected.settle()
    assert Opportunity.objects.get(pk=budget.pk).partner_id == third.pk


def test_the_command_lists_and_decides(mercy, connected, partner, both):
    def command(*arguments):
        out = StringIO()
        call_command(
            "salesforce_conflicts", "--tenant", "mercy", "--json", *arguments, stdout=out, stderr=StringIO()
        )
        return json.loads(out.getvalue())

    listed = command()
    assert [(one["field"], one["ours"]) for one in listed["conflicts"]] == [("Phone", "(555) 010-7720")]
    decided = command("--value", "77")
    assert (decided["conflicts"][0]["state"], decided["to_decide"]) == ("chosen", 0)
    assert here(partner).phone == "77"
    assert len(command("--state", "all")["conflicts"]) == 2
    assert command("--state", "chosen", "--undo")["to_decide"] == 1


def test_a_record_says_why_it_is_different_and_what_happens_next(connected, partner, both):
    def stands():
        found = records.state_of(partner.pk, KEY)
        return found.state, [(one.field, one.words) for one in found.reasons]

    assert stands() == ("decide", [("Phone", "Both sides changed it.")])
    service.choose(conflict_id=both["Phone"].pk, side="salesforce")
    connected.settle()
    assert stands() == ("agrees", [])
    update_partner(partner.pk, email="a@b.example")
    assert stands() == ("waits", [("", "It was changed here and is on its way.")])
    connected.fault("row_error", code="INSUFFICIENT_ACCESS_OR_READONLY", message="No", fields=[], times=1)
    connected.sync()
    state, reasons = stands()
    assert (state, reasons[0]) == ("held", ("", "The integration user may not change this record."))
    held = records.state_of(partner.pk)
    assert held.since and held.reasons[0].who == "your Salesforce administrator"
    assert service.try_again(code="INSUFFICIENT_ACCESS_OR_READONLY") == 1
    connected.settle()
    assert stands()[0] == "agrees"
    connected.there.edit("Account", partner.pk, Website="b.example")
    connected.settle()
    assert stands() == ("differs", [("Website", "Each side keeps its own spelling.")])


# --- pages and API --------------------------------------------------------------------------------


def page(name, **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


@pytest.fixture
def kept(mercy):
    """Conflicts as the engine leaves them; nothing is asked of Salesforce."""
    with tenant_scope(mercy.tenant):
        partner = create_partner(name="Dr. Chow", kind="physician", phone="ours", city="Norton")
        values = {"mapping": KEY, "record_id": partner.pk, "title": partner.name, "agreed": None}
        phone = Conflict.objects.create(
            there="Phone", ours="ours", theirs="theirs", winner="ask", state="open", **values
        )
        city = Conflict.objects.create(
            there="BillingCity", ours="Norton", theirs="Weston", winner="here", state="settled", **values
        )
    return partner, phone, city


def test_a_manager_decides_on_the_page_and_takes_it_back(mercy, client_for, kept):
    partner, phone, city = kept
    client = client_for(mercy.manager)
    text = client.get(page("conflicts")).content.decode()
    assert "BillingCity" not in text
    assert all(words in text for words in ("Dr. Chow", "theirs", "City", "Save on both sides"))
    record = f"{KEY}:{partner.pk}"
    answer = client.post(page("decide"), {"record": record, f"side-{city.pk}": "here"}, follow=True)
    assert "Choose a value for every field first: 1 of 2 left." in answer.content.decode()
    body = {
        "record": record,
        f"side-{city.pk}": "here",
        f"side-{phone.pk}": "other",
        f"value-{phone.pk}": "77",
    }
    assert "2 fields decided" in client.post(page("decide"), body, follow=True).content.decode()
    with tenant_scope(mercy.tenant):
        assert here(partner).phone == "77"
        assert Conflict.objects.get(pk=phone.pk).chosen_by == str(mercy.manager.user)
    assert "No conflicts" in client.get(page("conflicts")).content.decode()
    assert "Another, chosen by" in client.get(page("history")).content.decode()
    assert "Take the decision back" in client.get(page("conflict", pk=phone.pk)).content.decode()
    client.post(page("undo", pk=phone.pk))
    with tenant_scope(mercy.tenant):
        assert here(partner).phone == "ours"
    many = client.post(page("decide-many"), {"record": [record], "side": "salesforce"}, follow=True)
    assert "1 field of 1 record decided." in many.content.decode()
    assert client_for(mercy.rep).post(page("decide"), body).status_code == 403


def test_the_same_by_api(mercy, client_for, kept):
    _, phone, city = kept
    client = client_for(mercy.manager)
    base = "/api/v1/mercy/salesforce/conflicts/"
    (listed,) = client.get(base, {"state": "open"}).json()["results"]
    assert (listed["field"], listed["outcome"]) == ("Phone", "To decide")
    refused = client.post(
        f"{base}{phone.pk}/choose/", {"side": "other", "value": "1" * 41}, "application/json"
    )
    assert (refused.status_code, "at most 40 characters" in refused.content.decode()) == (400, True)
    chosen = client.post(f"{base}{phone.pk}/choose/", {"side": "salesforce"}, "application/json").json()
    assert (chosen["state"], chosen["value"]) == ("chosen", "theirs")
    assert client.post(f"{base}{phone.pk}/undo/", {}, "application/json").json()["state"] == "open"
    many = client.post(
        f"{base}choose-many/", {"ids": [str(phone.pk), str(city.pk)], "side": "here"}, "application/json"
    )
    assert many.json() == {"decided": 2, "refused": []}
    assert client_for(mercy.rep).get(base).status_code == 403
    with tenant_scope(mercy.tenant):
        problem = SyncProblem.objects.create(
            mapping=KEY,
            record_id=phone.record_id,
            kind="refused_there",
            code="STRING_TOO_LONG",
            message="Too long",
        )
    (held,) = client.get("/api/v1/mercy/salesforce/problems/", {"code": problem.code}).json()["results"]
    assert (held["meaning"], held["who"]) == (
        "A text is longer than its field in Salesforce.", "whoever keeps the record here",
    )  # fmt: skip
    again = client_for(mercy.administrator).post(
        "/api/v1/mercy/salesforce/problems/try-again/", {"code": problem.code}, "application/json"
    )
    assert again.json() == {"records": 1}
    stands = client.get(f"/api/v1/mercy/salesforce/records/{phone.record_id}/").json()
    assert (stands["state"], stands["mapping"]) == ("off", KEY)
    assert client.get("/api/v1/mercy/salesforce/status/").json()["code"] == "not_connected"
