"""Tests of the API: the same rules as the pages, sending again is harmless, errors name the field."""

from decimal import Decimal
from uuid import uuid4

import pytest

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.competition.models import Insight
from activities.plans.models import CallPlan
from activities.visits.models import Visit
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make

LISTS = (
    "visits",
    "insights",
    "opportunities",
    "budget-updates",
    "call-plans",
    "competitors",
    "differentiators",
)


class Api:
    """The API of a tenant as one member sees it."""

    def __init__(self, client, tenant="mercy"):
        self.client, self.tenant = client, tenant

    def call(self, method, path, data=None):
        send = getattr(self.client, method)
        where = f"/api/v1/{self.tenant}/{path}"
        if method == "get":
            return send(where, data)
        return send(where, data, content_type="application/json")


@pytest.fixture
def elena(mercy):
    with tenant_scope(mercy.tenant):
        return make.partner(rep=mercy.rep)


@pytest.fixture
def rep(mercy, client_for):
    return Api(client_for(mercy.rep))


@pytest.fixture
def manager(mercy, client_for):
    return Api(client_for(mercy.manager))


@pytest.fixture
def outsider(mercy, client_for):
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        return Api(client_for(add_member(email="otto@mercy.example", role="rep", name="Otto")))


def visit_data(partner, **changes):
    data = {
        "partner": str(partner.pk),
        "channel": "phone",
        "purpose": "relationship",
        "happened_at": "2026-01-15T09:40:00-05:00",
    }
    return data | changes


def in_mercy(mercy, call):
    with tenant_scope(mercy.tenant):
        return call()


def errors(response):
    assert response.headers["Content-Type"].startswith("application/problem+json"), response.content
    return {line["field"]: line["message"] for line in response.json()["errors"]}


# --- visits


def test_a_visit_with_insight_and_budget_is_logged_at_once(mercy, elena, rep):
    response = rep.call(
        "post",
        "visits/",
        visit_data(
            elena,
            learned="Wants MRI",
            insight={"competitor_name": "Summit", "outcome": "lost", "differentiator_names": ["Price"]},
            budget={"name": "Echo lab", "amount": "90000", "close_date": "2027-03-31"},
        ),
    )
    assert response.status_code == 201, response.content
    body = response.json()
    assert (body["partner_name"], body["rep"], body["learned"]) == (
        "Dr. Elena Marchetti",
        str(mercy.rep.pk),
        "Wants MRI",
    )
    with tenant_scope(mercy.tenant):
        assert (Visit.objects.count(), Insight.objects.count(), Opportunity.objects.count()) == (1, 1, 1)


def test_a_visit_sent_again_is_the_same_visit(mercy, elena, rep):
    data = visit_data(elena, id=str(uuid4()))
    first, again = (rep.call("post", "visits/", data) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert in_mercy(mercy, Visit.objects.count) == 1


def test_put_creates_once_and_replaces_afterwards(mercy, elena, rep):
    path = f"visits/{uuid4()}/"
    statuses = [
        rep.call("put", path, visit_data(elena, learned=words)).status_code for words in ("a", "a", "b")
    ]
    assert statuses == [201, 200, 200]
    assert in_mercy(mercy, lambda: Visit.objects.get().learned) == "b"
    other = in_mercy(mercy, lambda: make.partner("Dr. Samuel Okafor"))
    refused = rep.call("put", path, visit_data(other))
    assert (refused.status_code, refused.json()["code"]) == (400, "id_taken")


def test_an_id_of_another_tenant_names_nothing_here(mercy, anchor, elena, rep):
    with tenant_scope(anchor.tenant):
        theirs = make.visit(make.partner("Agent Smith"), anchor.rep)
    assert rep.call("get", f"visits/{theirs.pk}/").status_code == 404
    assert rep.call("put", f"visits/{theirs.pk}/", visit_data(elena)).status_code == 201
    again = rep.call("post", "visits/", visit_data(elena, id=str(theirs.pk)))
    assert (again.status_code, again.json()["partner"]) == (200, str(elena.pk))
    with tenant_scope(anchor.tenant):
        assert Visit.objects.get().partner_id == theirs.partner_id


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"partner": str(uuid4())}, "partner", "There is no such entry here."),
        ({"partner": "x"}, "partner", "valid UUID"),
        ({"partner": None}, "partner", "may not be null"),
        ({"channel": "fax"}, "channel", "is not a valid choice"),
        ({"happened_at": "2026-01-15T09:40:00"}, "happened_at", "Give the time with its zone"),
        ({"happened_at": "yesterday"}, "happened_at", "wrong format"),
        ({"happened_at": "3026-01-15T09:40:00Z"}, "happened_at", "future"),
        ({"happened_at": "1889-01-15T09:40:00Z"}, "happened_at", "too long ago"),
        (
            {"next_step": "Call", "next_step_due": "2026-11-31"},
            "next_step_due",
            "November has 30 days. Did you mean 1 December?",
        ),
        ({"next_step_due": "2026-11-30"}, "next_step", "Say what is to be done"),
        ({"minutes": "many"}, "minutes", "valid integer"),
        ({"learned": "x" * 10_001}, "learned", "10000 characters"),
        ({"learned": "a\x00b"}, "learned", "Null characters"),
        ({"rep": str(uuid4())}, "rep", "There is no such entry here."),
        ({"id": "one"}, "id", "valid UUID"),
        ({"insight": {"outcome": "lost"}}, "insight.competitor", "Give the competitor's id"),
        (
            {"insight": {"competitor_name": "X", "outcome": "drawn"}},
            "insight.outcome",
            "is not a valid choice",
        ),
        ({"insight": "lost"}, "insight", "Expected a dictionary"),
        ({"budget": {"name": "X", "amount": "lots"}}, "budget.amount", "valid number"),
        ({"budget": {"name": "X", "amount": "5"}}, "budget.close_date", "needs an amount and a date"),
        ({"budget": {"opportunity": str(uuid4()), "amount": "5"}}, "budget.opportunity", "no such entry"),
    ],
)
def test_what_is_wrong_is_named_by_field(mercy, elena, rep, change, field, words):
    response = rep.call("post", "visits/", visit_data(elena) | change)
    assert response.status_code == 400
    assert words in errors(response)[field]
    assert in_mercy(mercy, Visit.objects.exists) is False


@pytest.mark.parametrize("body", [[], ["x"], "text", 7])
def test_a_body_that_is_no_object_is_refused(mercy, rep, body):
    for path in ("visits/", "insights/", "opportunities/", "budget-updates/", "call-plans/", "competitors/"):
        assert rep.call("post", path, body).status_code == 400, path


def test_reps_log_for_themselves_and_managers_for_others(mercy, elena, rep, manager):
    refused = rep.call("post", "visits/", visit_data(elena, rep=str(mercy.manager.pk)))
    assert "Only a manager" in errors(refused)["rep"]
    logged = manager.call("post", "visits/", visit_data(elena, rep=str(mercy.rep.pk)))
    assert logged.json()["rep"] == str(mercy.rep.pk)


def test_visits_are_corrected_ticked_and_taken_back(mercy, elena, rep):
    path = f"visits/{rep.call('post', 'visits/', visit_data(elena, next_step='Call')).json()['id']}/"
    assert rep.call("patch", path, {"learned": "More"}).json()["learned"] == "More"
    assert rep.call("post", f"{path}step/").json()["next_step_done_at"] is not None
    assert rep.call("post", f"{path}step/", {"done": False}).json()["next_step_done_at"] is None
    assert rep.call("delete", path).status_code == 204
    assert rep.call("get", path).status_code == 404
    back = rep.call("post", f"{path}restore/")
    assert (back.status_code, back.json()["id"]) == (200, path.split("/")[1])
    assert rep.call("get", path).status_code == 200
    assert rep.call("post", f"visits/{uuid4()}/restore/").json()["code"] == "does_not_exist"


# --- insights, opportunities, budgets, plans, names


def test_insights_are_added_once_corrected_and_taken_back(mercy, elena, rep):
    data = {
        "partner": str(elena.pk),
        "competitor_name": "Summit",
        "outcome": "lost",
        "differentiator_names": ["Price"],
    }
    path = f"insights/{uuid4()}/"
    first, again = rep.call("put", path, data), rep.call("put", path, data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["differentiators"][0]["name"] == "Price"
    changed = rep.call("patch", path, {"outcome": "won"}).json()
    assert (changed["outcome"], changed["competitor_name"], len(changed["differentiators"])) == (
        "won",
        "Summit",
        1,
    )
    assert rep.call("post", "insights/", data | {"id": first.json()["id"]}).status_code == 200
    assert rep.call("delete", path).status_code == 204
    assert rep.call("post", f"{path}restore/").json()["id"] == path.split("/")[1]


def test_opportunities_change_by_budget_updates(mercy, elena, rep):
    data = {"partner": str(elena.pk), "name": "Echo lab", "amount": "90000", "close_date": "2027-03-31"}
    path = f"opportunities/{uuid4()}/"
    assert rep.call("put", path, data).status_code == 201
    assert rep.call("patch", path, {"amount": "120000", "note": "More"}).json()["amount"] == "120000.00"
    opportunity = path.split("/")[1]
    update = {"opportunity": opportunity, "amount": "150000"}
    made = rep.call("put", f"budget-updates/{uuid4()}/", update)
    assert (made.status_code, made.json()["old_amount"], made.json()["new_amount"]) == (
        201,
        "120000.0000",
        "150000.0000",
    )
    assert rep.call("put", f"budget-updates/{made.json()['id']}/", update).status_code == 200
    assert rep.call("post", "budget-updates/", update).status_code == 200
    assert rep.call("post", f"budget-updates/{made.json()['id']}/reverse/").status_code == 201
    rows = rep.call("get", "budget-updates/", {"opportunity": opportunity}).json()
    assert [row["new_amount"] for row in rows["results"]] == [
        "120000.0000",
        "150000.0000",
        "120000.0000",
        "90000.0000",
    ]
    assert rep.call("post", f"{path}close/", {"state": "won"}).json()["state"] == "won"
    assert errors(rep.call("patch", path, {"amount": "1"}))["opportunity"].startswith("“Echo lab” is won")
    assert rep.call("post", f"{path}reopen/").json()["state"] == "open"
    assert errors(rep.call("post", f"{path}close/", {"state": "open"}))["state"]
    assert errors(rep.call("post", "opportunities/", data | {"currency": "EUR"}))["currency"].startswith(
        "Budgets are kept"
    )
    assert errors(rep.call("post", "budget-updates/", {"opportunity": opportunity}))["amount"]


def test_call_plans_are_set_by_partner_and_day(mercy, elena, rep):
    data = {"partner": str(elena.pk), "visits": 4, "valid_from": "2026-01-01"}
    assert rep.call("post", "call-plans/", data).status_code == 201
    rep.call("post", "call-plans/", data | {"visits": 3})
    assert in_mercy(mercy, lambda: CallPlan.objects.get().visits) == 3
    assert rep.call("get", "call-plans/", {"partner": str(elena.pk)}).json()["count"] == 1
    assert errors(rep.call("post", "call-plans/", data | {"visits": 99}))["visits"]


@pytest.mark.parametrize("path", ["competitors/", "differentiators/"])
def test_names_are_found_before_they_are_made(mercy, rep, manager, path):
    first, again = (rep.call("post", path, {"name": name}).json() for name in ("Summit", "summit"))
    assert first == again
    assert rep.call("patch", f"{path}{first['id']}/", {"name": "Peak"}).status_code == 403
    assert manager.call("patch", f"{path}{first['id']}/", {"name": "Peak"}).json()["name"] == "Peak"


# --- lists, filters, permissions


def test_lists_filter_and_page(mercy, elena, rep):
    with tenant_scope(mercy.tenant):
        other = make.partner("Dr. Samuel Okafor")
        for n in range(3):
            make.visit(elena, mercy.rep, channel="phone", days_ago=n * 10, next_step="Call" if n else "")
        make.visit(other, mercy.manager)

    def count(**query):
        response = rep.call("get", "visits/", query)
        assert response.status_code == 200, response.content
        return response.json()["count"]

    assert count() == 4
    assert count(partner=str(elena.pk)) == 3
    assert count(rep=str(mercy.manager.pk)) == 1
    assert count(channel="video") == 0
    assert count(promised="true") == 2
    assert count(after="2026-01-01", before="2099-01-01") == 4
    assert count(before="2001-01-01") == 0
    assert len(rep.call("get", "visits/", {"page_size": 2}).json()["results"]) == 2
    bad = rep.call("get", "visits/", {"partner": "x", "after": "2026-02-30"})
    assert (bad.status_code, set(errors(bad))) == (400, {"partner", "after"})


@pytest.mark.parametrize("path", LISTS)
def test_partner_members_and_strangers_get_nothing(mercy, anchor, elena, client_for, path):
    from partners.portal.service import grant_access
    from prm.accounts.service import add_member

    with tenant_scope(mercy.tenant):
        member = add_member(email="elena@mercy.example", role="partner", name="Elena")
        grant_access(member, partner=elena)
    assert Api(client_for(member)).call("get", f"{path}/").status_code == 403
    assert Api(client_for(anchor.administrator)).call("get", f"{path}/").status_code == 404


def test_lists_hold_the_own_tenant_only(mercy, anchor, elena, client_for):
    with tenant_scope(mercy.tenant):
        visit, insight, echo = (
            make.visit(elena, mercy.rep),
            make.insight(elena, None),
            make.opportunity(elena),
        )
        update = echo.budget_updates.get()
        from activities.plans.service import set_call_plan

        plan = set_call_plan(partner=elena, visits=1)
    charlie = Api(client_for(anchor.administrator), "anchor")
    for path in LISTS:
        assert charlie.call("get", f"{path}/").json()["count"] == 0, path
    for path, row in (
        ("visits", visit),
        ("insights", insight),
        ("opportunities", echo),
        ("budget-updates", update),
        ("call-plans", plan),
        ("competitors", insight.competitor),
    ):
        assert charlie.call("get", f"{path}/{row.pk}/").status_code == 404, path
    for method, path in (
        ("delete", f"visits/{visit.pk}/"),
        ("delete", f"insights/{insight.pk}/"),
        ("post", f"opportunities/{echo.pk}/close/"),
        ("post", f"budget-updates/{update.pk}/reverse/"),
    ):
        assert charlie.call(method, path, {"state": "won"}).status_code == 404, path


def test_others_rows_are_theirs_and_the_managers(mercy, elena, outsider, manager):
    with tenant_scope(mercy.tenant):
        visit, insight, echo = (
            make.visit(elena, mercy.rep),
            make.insight(elena, mercy.rep),
            make.opportunity(elena, mercy.rep),
        )
        from activities.market.budgets.service import update_budget

        update = update_budget(opportunity=echo, by=None, amount=Decimal(1))
    calls = (
        ("post", f"visits/{visit.pk}/step/", {}),
        ("patch", f"visits/{visit.pk}/", {"learned": "x"}),
        ("put", f"visits/{visit.pk}/", visit_data(elena)),
        ("patch", f"insights/{insight.pk}/", {"note": "x"}),
        ("post", f"budget-updates/{update.pk}/reverse/", {}),
        ("patch", f"opportunities/{echo.pk}/", {"name": "x"}),
        ("post", "budget-updates/", {"opportunity": str(echo.pk), "amount": "3"}),
        ("post", "call-plans/", {"partner": str(elena.pk), "visits": 1}),
        ("delete", f"insights/{insight.pk}/", {}),
        ("delete", f"visits/{visit.pk}/", {}),
    )
    assert [outsider.call(*call).status_code for call in calls] == [403] * len(calls)
    statuses = {call[:2]: manager.call(*call).status_code for call in calls[1:]}
    assert max(statuses.values()) < 300, statuses
    assert in_mercy(mercy, Visit.objects.exists) is False


def test_a_key_reads_and_does_not_write(mercy, elena, client):
    from prm.accounts import keys

    with tenant_scope(mercy.tenant):
        make.visit(elena, mercy.rep)
        _, secret = keys.create_key(name="BI", scopes=["activities:read"], created_by=mercy.administrator)
    header = {"HTTP_AUTHORIZATION": f"Api-Key {secret}"}
    assert client.get("/api/v1/mercy/visits/", **header).json()["count"] == 1
    denied = client.post(
        "/api/v1/mercy/visits/", visit_data(elena), content_type="application/json", **header
    )
    assert denied.status_code == 403
    assert in_mercy(mercy, BudgetUpdate.objects.count) == 0


@pytest.mark.parametrize("path", LISTS[:4])
def test_lists_cost_the_same_for_more_rows(mercy, elena, rep, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert rep.call("get", f"{path}/").status_code == 200
        return len(queries)

    def fill(count):
        with tenant_scope(mercy.tenant):
            for n in range(count):
                make.visit(elena, mercy.rep)
                make.insight(elena, mercy.rep, differentiators=[f"Reason {n}"])
                make.opportunity(elena, mercy.rep)

    fill(1)
    cost()  # the first call notes the session
    few = cost()
    fill(4)
    assert cost() == few


def test_the_schema_describes_activities(mercy, rep):
    response = rep.call("get", "schema/")
    assert response.status_code == 200
    text = response.content.decode()
    assert all(f"/api/v1/mercy/{path}/" in text for path in LISTS)
