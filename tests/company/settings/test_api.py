"""A company's settings by API: the same rules as the page."""

import base64

import pytest

from partners.policy.models import StandingPolicy
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from tests.company.factories import png

URL = "/api/v1/mercy/company/"


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


def send(client, method, url, body=None):
    return getattr(client, method)(url, body or {}, content_type="application/json")


def test_settings_are_read_changed_and_set_back(alice):
    assert alice.get(URL).json()["partner_noun"] == "provider"
    assert send(alice, "patch", URL, {"name": "Mercy General"}).json()["name"] == "Mercy General"
    [change] = alice.get(f"{URL}changes/").json()["results"]
    assert change["values"] == {"name": ["Mercy", "Mercy General"]}
    assert send(alice, "post", f"{URL}changes/{change['id']}/undo/").status_code == 200
    assert alice.get(URL).json()["name"] == "Mercy"


@pytest.mark.parametrize(
    "body",
    [{"slug": "x"}, {"name": ""}, {"year_starts": 13}, {"currency": "XYZ"}, {"colour": "#fff"}, {"x": 1}],
)
def test_what_cannot_be_is_refused(alice, body):
    answer = send(alice, "patch", URL, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(body))


def test_what_moves_figures_needs_a_rate_and_agreement(mercy, alice):
    asked = send(alice, "patch", URL, {"currency": "EUR"}).json()
    assert (asked["code"], "Say what one USD is worth in EUR" in asked["detail"]) == ("no_rate", True)
    asked = send(alice, "patch", URL, {"currency": "EUR", "rate": "0.5"}).json()
    assert asked["code"] == "not_agreed"
    done = send(alice, "patch", URL, {"currency": "EUR", "rate": "0.5", "agreed": True})
    assert (done.status_code, done.json()["currency"]) == (200, "EUR")
    with tenant_scope(Tenant.objects.get(slug="mercy")):
        policy = StandingPolicy.objects.get(state="in_force")
        assert (policy.medium_from, policy.high_from, policy.version) == (1_000, 5_000, 2)


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_a_rate_is_above_nothing(alice, rate):
    answer = send(alice, "patch", URL, {"currency": "EUR", "rate": rate, "agreed": True})
    assert answer.json()["errors"][0]["field"] == "rate"


def test_a_logo_comes_in_base64_and_goes(alice):
    body = {"png": base64.b64encode(png()).decode()}
    assert send(alice, "put", f"{URL}logo/", body).json()["logo"]
    assert send(alice, "put", f"{URL}logo/", {"png": "%%%"}).status_code == 400
    assert send(alice, "put", f"{URL}logo/", {"png": base64.b64encode(b"GIF89a").decode()}).status_code == 400
    assert send(alice, "delete", f"{URL}logo/").json()["logo"] == ""


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_others_may_not(mercy, client_for, who):
    client = client_for(getattr(mercy, who))
    assert client.get(URL).status_code == 403
    assert send(client, "patch", URL, {"name": "X"}).status_code == 403
