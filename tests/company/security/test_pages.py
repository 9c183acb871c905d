"""A second step for everybody: who lacks one is led to the profile, and nobody else is asked."""

import csv

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prm.accounts.keys import create_key
from prm.accounts.service import add_member
from prm.company.settings import service
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant

TAB, PROFILE = "/t/mercy/settings/security/", "/t/mercy/profile/"


def required():
    return Tenant.objects.get(slug="mercy").second_step_required


@pytest.fixture
def asked(mercy):
    """Mercy asks for a second step; bob has one."""
    with tenant_scope(mercy.tenant):
        service.change_company(second_step_required=True)
    Authenticator.objects.create(user=mercy.manager.user, type=Authenticator.Type.TOTP, data={})
    return mercy


def test_it_is_asked_for_on_the_page_and_taken_back(mercy, client_for):
    admin = client_for(mercy.administrator)
    page = admin.get(TAB).text
    assert "0 of 3 of your own people" in page
    assert "You have none yourself" in page
    assert admin.post(TAB, {"second_step_required": "on"}).status_code == 302
    assert required()
    Authenticator.objects.create(user=mercy.administrator.user, type=Authenticator.Type.WEBAUTHN, data={})
    assert "1 of 3" in admin.get(TAB).text
    admin.post(TAB, {})
    assert not required()


@pytest.mark.parametrize("path", ["/t/mercy/today/", "/t/mercy/partners/", "/t/mercy/search/", "/t/mercy/"])
def test_who_has_none_is_led_to_the_profile_where_one_is_set_up(asked, client_for, path):
    client = client_for(asked.rep)
    assert client.get(path)["Location"] == PROFILE
    page = client.get(PROFILE)
    assert page.status_code == 200
    assert "A second step is needed" in page.text
    assert client.post(PROFILE, {"name": "Mary", "notation": ""}).status_code == 302


def test_a_fragment_makes_the_whole_page_go(asked, client_for):
    answer = client_for(asked.rep).get("/t/mercy/today/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, PROFILE)


def test_who_has_one_goes_on_as_ever(asked, client_for):
    client = client_for(asked.manager)
    assert client.get("/t/mercy/partners/").status_code == 200
    assert "A second step is needed" not in client.get(PROFILE).text


def test_with_a_second_step_all_pages_open_again(asked, client_for):
    client = client_for(asked.rep)
    Authenticator.objects.create(user=asked.rep.user, type=Authenticator.Type.TOTP, data={})
    assert client.get("/t/mercy/today/").status_code == 200


def test_recovery_codes_alone_are_no_second_step(asked, client_for):
    Authenticator.objects.create(user=asked.rep.user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert client_for(asked.rep).get("/t/mercy/today/")["Location"] == PROFILE


def test_the_api_refuses_people_and_not_keys(asked, client_for, client):
    answer = client_for(asked.rep).get("/api/v1/mercy/partners/")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_step")
    with tenant_scope(asked.tenant):
        secret = create_key(name="Feed", scopes=["partners:read"], created_by=None)[1]
    found = client.get("/api/v1/mercy/partners/", headers={"Authorization": f"Api-Key {secret}"})
    assert found.status_code == 200


def test_people_of_partners_are_not_asked(asked, client_for):
    with tenant_scope(asked.tenant):
        member = add_member(email="own@mercy.example", role="partner")
    assert client_for(member).get(PROFILE).status_code == 200
    assert "A second step is needed" not in client_for(member).get(PROFILE).text


def test_other_organisations_ask_for_themselves(asked, anchor, client_for):
    assert client_for(anchor.rep).get("/t/anchor/partners/").status_code == 200


def test_where_nobody_asks_it_costs_no_query(mercy, client_for):
    client = client_for(mercy.rep)
    client.get("/t/mercy/profile/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/t/mercy/partners/")
    assert not [one for one in queries.captured_queries if "mfa_authenticator" in one["sql"]]


def test_by_command_and_api(mercy, client_for):
    call_command("company", tenant="mercy", second_step_required="yes")
    assert required()
    call_command("company", tenant="mercy", second_step_required="no")
    assert not required()
    admin = client_for(mercy.administrator)
    answer = admin.patch(
        "/api/v1/mercy/company/", {"second_step_required": True}, content_type="application/json"
    )
    assert answer.json()["second_step_required"] is True
    with tenant_scope(mercy.tenant), pytest.raises(Refused, match="yes or no"):
        service.change_company(second_step_required="perhaps")


def test_the_change_is_in_the_log_of_settings_in_words(asked, client_for):
    Authenticator.objects.create(user=asked.administrator.user, type=Authenticator.Type.TOTP, data={})
    assert "Second step required" in client_for(asked.administrator).get("/t/mercy/settings/").text


def test_who_has_one_is_a_list_to_take_along(asked, client_for):
    Authenticator.objects.create(user=asked.administrator.user, type=Authenticator.Type.TOTP, data={})
    text = client_for(asked.administrator).get(f"{TAB}?export=csv").getvalue().decode("utf-8-sig")
    rows = {row["E-mail"]: row["Second step"] for row in csv.DictReader(text.splitlines())}
    assert rows == {"alice@mercy.example": "Yes", "bob@mercy.example": "Yes", "mary@mercy.example": "No"}


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_others_may_not(mercy, client_for, who):
    assert client_for(getattr(mercy, who)).get(TAB).status_code == 403
