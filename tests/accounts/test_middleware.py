"""Who comes in where: strangers, members, keys, and people who are not signed in."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from kombu import Connection

from prm.accounts.keys import create_key, revoke_key
from prm.tenancy.context import has_tenant, tenant_scope
from prm.ui.formatting import breakable


def page(slug, name="accounts:members"):
    return reverse(name, kwargs={"tenant": slug})


def test_member_with_the_right_sees_the_page(mercy, client_for):
    answer = client_for(mercy.administrator).get(page("mercy"))
    assert answer.status_code == 200
    assert breakable("mary@mercy.example") in answer.text


@pytest.mark.parametrize("address", ["/t/mercy/partners/?q=%00", "/account/login/?next=a%00b"])
def test_address_with_a_nul_is_a_bad_request(mercy, client_for, address):
    assert client_for(mercy.administrator).get(address).status_code == 400


def test_form_with_a_nul_is_a_bad_request(mercy, client_for):
    form = {"code": "a\0b", "name": "New"}
    assert client_for(mercy.manager).post("/t/mercy/orders/unattributed/new/", form).status_code == 400


def test_scope_is_closed_after_the_request(mercy, client_for):
    client_for(mercy.administrator).get(page("mercy"))
    assert not has_tenant()


def test_member_without_the_right_gets_403(mercy, client_for):
    assert client_for(mercy.rep).get(page("mercy")).status_code == 403


def test_stranger_gets_the_same_404_for_an_existing_and_an_invented_tenant(mercy, anchor, client_for):
    client = client_for(anchor.administrator)
    real, invented = client.get(page("mercy")), client.get(page("invented"))
    assert (real.status_code, invented.status_code) == (404, 404)
    assert real.content.replace(b"mercy", b"") == invented.content.replace(b"invented", b"")


def test_ended_membership_is_a_stranger(mercy, client_for):
    from prm.accounts.service import change_member

    client = client_for(mercy.rep)
    with tenant_scope(mercy.tenant):
        change_member(mercy.rep, is_active=False)
    assert client.get(page("mercy", "accounts:home")).status_code == 404


def test_anonymous_is_sent_to_sign_in_for_every_slug_alike(mercy):
    for slug in ("mercy", "invented"):
        answer = Client().get(page(slug))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))


FORM = "/t/mercy/activities/log/"
LIST = "http://testserver/t/mercy/partners/?q=Elena&page=2"


@pytest.mark.parametrize(
    ("method", "headers", "back"),
    [
        pytest.param("get", {}, FORM + "?a=1", id="a page"),
        pytest.param("post", {"Referer": LIST}, "/t/mercy/partners/?q=Elena&page=2", id="a form"),
        pytest.param("post", {}, "/t/mercy/", id="a form of a browser that does not say where it is"),
        pytest.param("post", {"Referer": "https://evil.example/t/mercy/"}, "/t/mercy/", id="somebody's form"),
        pytest.param(
            "get",
            {"HX-Request": "true", "HX-Current-URL": LIST},
            "/t/mercy/partners/?q=Elena&page=2",
            id="a fragment",
        ),
        pytest.param(
            "post",
            {"HX-Request": "true", "HX-Target": "sheet", "HX-Current-URL": LIST},
            "/t/mercy/partners/?q=Elena&page=2",
            id="a form in the sheet",
        ),
        pytest.param(
            "post",
            {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"},
            "/t/mercy/",
            id="a fragment of elsewhere",
        ),
    ],
)
def test_signing_in_leads_back_to_what_was_on_the_screen(mercy, method, headers, back):
    answer = getattr(Client(), method)(FORM + "?a=1", headers=headers)
    to_sign_in = f"{reverse('account_login')}?{urlencode({'next': back}, safe='/')}"
    if "HX-Request" in headers:
        # A redirect would be followed inside the fragment.
        assert (answer.status_code, answer["HX-Redirect"], answer["PRM-Sign-In"]) == (204, to_sign_in, "yes")
    else:
        assert (answer.status_code, answer["Location"]) == (302, to_sign_in)
        assert "PRM-Sign-In" not in answer


def test_signing_in_goes_back_to_the_form(mercy):
    door = {"login": mercy.rep.user.email, "password": "secret-pass", "next": FORM}
    assert Client().post("/account/login/", door)["Location"] == FORM


def test_api_without_caller_is_401_as_problem_details(mercy):
    for slug in ("mercy", "invented"):
        answer = Client().get(f"/api/v1/{slug}/schema/")
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_authenticated"


def test_api_of_a_stranger_is_404(mercy, anchor, client_for):
    assert client_for(anchor.administrator).get("/api/v1/mercy/schema/").status_code == 404


@pytest.fixture
def secret(mercy):
    with tenant_scope(mercy.tenant):
        key, secret = create_key(name="Feed", scopes=["orders:read"], created_by=mercy.administrator)
    return key, secret


def schema(secret, slug="mercy"):
    return Client().get(f"/api/v1/{slug}/schema/", headers={"Authorization": f"Api-Key {secret}"})


def test_key_opens_its_own_tenant_only(mercy, anchor, secret):
    assert schema(secret[1]).status_code == 200
    assert schema(secret[1], "anchor").status_code == 401
    assert schema(secret[1], "invented").status_code in {401, 404}


def test_wrong_or_revoked_key_is_401(mercy, secret):
    assert schema(secret[1] + "x").status_code == 401
    with tenant_scope(mercy.tenant):
        revoke_key(secret[0])
    assert schema(secret[1]).status_code == 401


def test_key_opens_no_page(mercy, secret):
    answer = Client().get(page("mercy"), headers={"Authorization": f"Api-Key {secret[1]}"})
    assert answer.status_code == 302


def test_chooser_shows_own_organisations_and_is_skipped_for_one(mercy, anchor, client_for):
    client = client_for(mercy.rep)
    assert client.get("/")["Location"] == page("mercy", "accounts:home")
    from prm.accounts.service import add_member

    with tenant_scope(anchor.tenant):
        add_member(email=mercy.rep.user.email, role="manager")
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Mercy" in answer.text
    assert "Anchor" in answer.text


def test_healthz_is_ok_without_sign_in(db):
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "broker": "ok"}


def test_health_names_a_broker_that_does_not_answer(client, db, tmp_path, monkeypatch):
    from prm.celery import app

    broker = Connection(f"redis+socket://{tmp_path}/nobody.sock")
    monkeypatch.setattr(app, "connection_for_write", lambda: broker)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "database": "ok", "broker": "OperationalError"}
