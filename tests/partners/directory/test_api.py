from datetime import UTC, date, datetime

import pytest

from partners.directory.models import Partner, ReferralCode
from partners.share.models import ShareEstimate
from partners.standing import service as standing_service
from prm.accounts.keys import create_key
from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_months, make_partner

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
NOV = date(2026, 11, 1)
JSON = {"content_type": "application/json"}


@pytest.fixture
def house(mercy, clock_at):
    clock_at(NOW)
    return mercy


def url(path=""):
    return f"/api/v1/mercy/{path}"


def stand(partner, revenues=(1000,) * 12):
    make_months(partner, NOV, revenues, orders=2)
    standing_service.recompute_standings([partner.pk])
    return partner


def make_rising(name="Dr. Whitfield"):
    partner = make_partner(name)
    make_months(partner, date(2026, 3, 1), [300] * 3)
    standing_service.recompute_standings([partner.pk], as_of=date(2026, 3, 31))
    return stand(partner, (2000,) * 6)


def test_partners_come_with_codes_and_an_explained_standing(house, client_for):
    with tenant_scope(house.tenant):
        partner = stand(make_partner("Dr. Chow", codes=[("NPI", "1234567893")]))
    found = client_for(house.rep).get(url("partners/")).json()
    assert found["count"] == 1
    row = found["results"][0]
    assert (row["id"], row["name"], row["tier"]) == (str(partner.pk), "Dr. Chow", "high")
    assert row["codes"] == [{"scheme": "NPI", "code": "1234567893"}]
    assert row["standing"]["level"] == "repeat"
    assert row["standing"]["revenue_12m"] == "12000.0000"
    revenue = next(part for part in row["standing"]["components"] if part["key"] == "revenue")
    assert revenue["sentence"] == "$12,000 in 12 months, $2,000 above the start of high"
    assert row["standing"]["share"] is None


@pytest.mark.parametrize(("query", "count"), [("q=chow", 1), ("tier=high", 1), ("level=lapsed", 0), ("", 2)])
def test_filters_are_those_of_the_page(house, client_for, query, count):
    with tenant_scope(house.tenant):
        stand(make_partner("Dr. Chow"))
        make_partner("Ann")
    assert client_for(house.rep).get(url(f"partners/?{query}")).json()["count"] == count


def test_a_partner_is_created_with_codes(house, client_for):
    body = {"name": "Ann", "kind": "agent", "codes": [{"code": "17850.0"}]}
    response = client_for(house.rep).post(url("partners/"), body, **JSON)
    assert response.status_code == 201, response.content
    with tenant_scope(house.tenant):
        assert ReferralCode.objects.get().normal == "17850"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "agent"}, "name"),
        ({"name": "Ann", "kind": "wizard"}, "kind"),
        ({"name": "Ann", "kind": "agent", "email": "x"}, "email"),
        ({"name": "Ann", "kind": "agent", "codes": [{}]}, "codes[0].code"),
        ({"name": "Ann", "kind": "agent", "organisation": "no-id"}, "organisation"),
    ],
)
def test_problem_details_name_the_field(house, client_for, body, field):
    response = client_for(house.rep).post(url("partners/"), body, **JSON)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == field
    with tenant_scope(house.tenant):
        assert not Partner.objects.exists()


def test_a_refusal_of_the_service_leaves_nothing(house, client_for):
    with tenant_scope(house.tenant):
        make_partner("Ben", codes=["17850"])
    body = {"name": "Ann", "kind": "agent", "codes": [{"code": "17850"}]}
    response = client_for(house.rep).post(url("partners/"), body, **JSON)
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "code", "message": "17850 is already a code of Ben.", "code": "taken"}
    ]
    with tenant_scope(house.tenant):
        assert list(Partner.objects.values_list("name", flat=True)) == ["Ben"]


def test_a_change_with_an_old_version_is_refused(house, client_for):
    with tenant_scope(house.tenant):
        partner = make_partner("Ann")
    client, where = client_for(house.rep), url(f"partners/{partner.pk}/")
    first = client.patch(where, {"city": "Albany", "version": 1}, **JSON)
    assert (first.status_code, first.json()["version"]) == (200, 2)
    second = client.patch(where, {"city": "Troy", "version": 1}, **JSON)
    assert (second.status_code, second.json()["code"]) == (400, "conflict")
    with tenant_scope(house.tenant):
        assert Partner.objects.get().city == "Albany"


def test_a_tier_cannot_be_written(house, client_for):
    with tenant_scope(house.tenant):
        partner = make_partner("Ann")
    answer = client_for(house.administrator).patch(url(f"partners/{partner.pk}/"), {"tier": "high"}, **JSON)
    assert answer.status_code == 400
    with tenant_scope(house.tenant):
        assert Partner.objects.get().tier == ""


def test_codes_are_added_and_removed(house, client_for):
    with tenant_scope(house.tenant):
        partner = make_partner("Ann")
    client = client_for(house.rep)
    added = client.post(url("partner-codes/"), {"partner": str(partner.pk), "code": "ab-1"}, **JSON)
    assert (added.status_code, added.json()["normal"]) == (201, "AB-1")
    assert client.delete(url(f"partner-codes/{added.json()['id']}/")).status_code == 204
    with tenant_scope(house.tenant):
        assert not ReferralCode.objects.exists()


def test_estimates_are_signed_by_the_caller(house, client_for):
    with tenant_scope(house.tenant):
        partner = make_partner("Ann")
    body = {
        "partner": str(partner.pk), "low": "100", "middle": "200", "high": "300",
        "source": "Survey", "as_of": "2026-10-01",
    }  # fmt: skip
    assert client_for(house.rep).post(url("share-estimates/"), body, **JSON).status_code == 201
    with tenant_scope(house.tenant):
        assert ShareEstimate.objects.get().by == house.rep


def test_proposals_are_decided(house, client_for):
    with tenant_scope(house.tenant):
        partner = make_rising()
    client = client_for(house.manager)
    proposals = client.get(url("tier-proposals/")).json()
    assert [(row["partner"], row["proposed_tier"]) for row in proposals["results"]] == [
        (str(partner.pk), "high")
    ]
    body = {"decision": "accept", "from_tier": "low", "proposed_tier": "high"}
    where = url(f"tier-proposals/{partner.pk}/decide/")
    assert client.post(where, body, **JSON).status_code == 201
    again = client.post(where, body, **JSON)
    assert (again.status_code, again.json()["code"]) == (400, "stale")
    reviews = client.get(url("tier-reviews/?decision=accept")).json()["results"]
    assert [(row["decided_tier"], row["signed_by"]) for row in reviews] == [("high", "Bob")]


@pytest.mark.parametrize("path", ["partners/", "partner-codes/", "share-estimates/", "tier-reviews/"])
def test_strangers_and_the_unknown_get_nothing(house, anchor, client, client_for, path):
    assert client_for(anchor.administrator).get(url(path)).status_code == 404
    assert client.get(url(path)).status_code == 401
    assert client_for(house.rep).get(url(path)).status_code == 200


def test_a_rep_neither_sees_nor_decides_proposals(house, client_for):
    with tenant_scope(house.tenant):
        partner = make_rising()
    client = client_for(house.rep)
    assert client.get(url("tier-proposals/")).status_code == 403
    body = {"decision": "accept", "from_tier": "low", "proposed_tier": "high"}
    assert client.post(url(f"tier-proposals/{partner.pk}/decide/"), body, **JSON).status_code == 403


@pytest.mark.parametrize("path", ["partners/{pk}/", "partner-codes/{code}/"])
def test_another_tenants_rows_do_not_exist(house, anchor, client_for, path):
    with tenant_scope(anchor.tenant):
        theirs = make_partner("Theirs", codes=["x1"])
        code = theirs.codes.get()
    client = client_for(house.administrator)
    assert client.get(url(path.format(pk=theirs.pk, code=code.pk))).status_code == 404
    body = {"partner": str(theirs.pk), "code": "y1"}
    assert client.post(url("partner-codes/"), body, **JSON).status_code == 400
    body = {"name": "Ann", "kind": "agent", "organisation": str(theirs.pk)}
    assert client.post(url("partners/"), body, **JSON).status_code == 400


def test_a_key_without_the_scope_sees_no_standing(house, client):
    with tenant_scope(house.tenant):
        stand(make_partner("Ann"))
        _, reading = create_key(name="Read", scopes=["partners:read"], created_by=house.administrator)
        _, writing = create_key(name="Write", scopes=["partners:write"], created_by=house.administrator)
    shown = client.get(url("partners/"), headers={"Authorization": f"Api-Key {reading}"}).json()
    hidden = client.get(url("partners/"), headers={"Authorization": f"Api-Key {writing}"}).json()
    assert shown["results"][0]["standing"]["level"] == "repeat"
    assert hidden["results"][0]["standing"] is None


def test_the_list_takes_the_same_queries_for_any_number_of_rows(house, client_for):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = client_for(house.rep), []
    for number in (1, 2):
        with tenant_scope(house.tenant):
            for each in range(number):
                stand(make_partner(rep=house.rep, codes=[f"c{number}{each}"]))
        client.get(url("partners/"))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("partners/"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_schema_describes_the_routes(house, client_for):
    schema = client_for(house.rep).get(url("schema/?format=json")).json()
    assert "/api/v1/mercy/partners/" in schema["paths"]
    assert "/api/v1/mercy/tier-proposals/{id}/decide/" in schema["paths"]
