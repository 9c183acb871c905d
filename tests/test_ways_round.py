"""What a member may not do does not come about by another way: examples, each through pages and API."""

from decimal import Decimal

import pytest
from django.test import Client

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.visits.models import Visit
from orders.book.models import Order
from partners.directory.models import Partner, ReferralCode
from prm.accounts.keys import create_key
from prm.accounts.service import add_member
from prm.core import clock
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner


@pytest.fixture
def roy(mercy):
    with tenant_scope(mercy.tenant):
        return add_member(email="roy@mercy.example", role="rep", name="Roy")


@pytest.fixture
def mary(mercy, client_for):
    return client_for(mercy.rep)


@pytest.fixture
def waiting(mercy):
    """An order that waits for code 77; a rep may not say whose it is."""
    with tenant_scope(mercy.tenant):
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")


def send(client, path, data, method="post", **headers):
    address = f"/api/v1/mercy/{path}/"
    return getattr(client, method)(address, data, content_type="application/json", **headers)


def still_waits(house):
    with tenant_scope(house.tenant):
        return Order.objects.get().partner_id is None and not ReferralCode.objects.exists()


def test_no_code_is_tied_by_making_a_partner_of_it(mercy, mary, waiting):
    assert (
        mary.post("/t/mercy/orders/unattributed/new/", {"code": "77", "name": "Dr. New"}).status_code == 403
    )
    assert still_waits(mercy)
    with tenant_scope(mercy.tenant):
        assert not Partner.objects.exists()


def test_no_code_is_tied_by_adding_a_partner_that_has_it(mercy, mary, waiting):
    form = {"name": "Dr. New", "kind": "physician", "code": "77"}
    answer = mary.post("/t/mercy/partners/add/", form)
    assert answer.status_code in {200, 422}
    assert "a manager decides" in answer.content.decode()
    body = {"name": "Dr. New", "kind": "physician", "codes": [{"code": "77"}]}
    answer = send(mary, "partners", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_allowed")
    assert still_waits(mercy)
    with tenant_scope(mercy.tenant):
        assert not Partner.objects.exists()


def test_no_code_is_tied_by_adding_it_to_a_partner(mercy, mary, waiting):
    with tenant_scope(mercy.tenant):
        partner = make_partner()
        _, secret = create_key(name="Feed", scopes=["partners:write"], created_by=None)
    mary.post(f"/t/mercy/partners/{partner.pk}/codes/add/", {"code": "77"})
    key = {"headers": {"Authorization": f"Api-Key {secret}"}}
    for client, more in ((mary, {}), (Client(), key)):
        body = {"partner": str(partner.pk), "scheme": "", "code": "77"}
        assert send(client, "partner-codes", body, **more).status_code == 400
    assert still_waits(mercy)


def test_a_code_for_which_nothing_waits_is_added_by_a_rep(mercy, mary, waiting):
    body = {"name": "Dr. New", "kind": "physician", "codes": [{"code": "78"}]}
    assert send(mary, "partners", body).status_code == 201


def test_another_reps_budget_is_not_changed_by_a_visit(mercy, mary, roy):
    with tenant_scope(mercy.tenant):
        partner = make_partner(rep=roy)
        opportunity = make.opportunity(partner, roy, amount=Decimal(900))
    budget = {"opportunity": str(opportunity.pk), "amount": "1"}
    body = {
        "partner": str(partner.pk), "channel": "phone", "purpose": "other",
        "happened_at": clock.now().isoformat(), "budget": budget,
    }  # fmt: skip
    assert send(mary, "visits", body).status_code == 403
    with tenant_scope(mercy.tenant):
        assert not Visit.objects.exists()
        assert BudgetUpdate.objects.get().new_amount == Decimal(900)


@pytest.mark.parametrize("address", ["opportunities", "visits"])
def test_nothing_is_logged_in_another_members_name(mercy, mary, roy, address):
    with tenant_scope(mercy.tenant):
        partner = make_partner()
    body = {
        "opportunities": {"name": "New", "amount": "5", "close_date": "2027-01-31", "owner": str(roy.pk)},
        "visits": {
            "channel": "phone", "purpose": "other", "happened_at": clock.now().isoformat(), "rep": str(roy.pk),
        },
    }[address]  # fmt: skip
    answer = send(mary, address, {"partner": str(partner.pk), **body})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_allowed")
    with tenant_scope(mercy.tenant):
        assert not Opportunity.objects.exists()
        assert not Visit.objects.exists()


def test_an_opportunity_does_not_change_hands_by_taking_over_its_partner(mercy, mary, roy, client_for):
    """Whoever keeps a partner keeps its opportunities and plans: a colleague's are a manager's to give."""
    with tenant_scope(mercy.tenant):
        partner = make_partner(rep=roy)
    body = {"rep": str(mercy.rep.pk)}
    answer = send(mary, f"partners/{partner.pk}", body, "patch")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_allowed")
    assert send(client_for(mercy.manager), f"partners/{partner.pk}", body, "patch").status_code == 200
    assert send(mary, f"partners/{partner.pk}", {"rep": None}, "patch").status_code == 200
    assert send(mary, f"partners/{partner.pk}", body, "patch").status_code == 200
