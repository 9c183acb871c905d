"""The page of the owners, the same by API and by the command."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from prm.salesforce.people.models import Owner, OwnerRules, SalesforceUser
from prm.salesforce.people.rules import How, address
from prm.salesforce.setup import errands
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import bound_tenant, tenant_scope

API = "/api/v1/mercy/salesforce/owners/"


def page(name="owners", **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def known(mercy):
    """Two users there: the integration user, and one who has nobody's address."""
    with tenant_scope(mercy.tenant):
        for sf_id, name, email in (
            ("005I", "Ivo Integration", "ivo@x.example"),
            ("005L", "Lea Lindner", "lea@x.example"),
        ):
            SalesforceUser.objects.create(sf_id=sf_id, name=name, email=email, address=address(email))
        OwnerRules.objects.create(
            own_id="005I", in_force="005I", organization_id="00D", read_at="2026-01-01T00:00Z"
        )
        Owner.objects.create(member=mercy.rep, how=How.NOT_FOUND)
    return SalesforceUser


def owner_of(mercy):
    with tenant_scope(mercy.tenant):
        one = Owner.objects.get(member=mercy.rep)
    return one.how, one.sf_id, one.is_chosen


def test_before_anybody_was_read_the_page_says_what_to_do(mercy, client_for):
    shown = text_of(client_for(mercy.administrator).get(page()))
    assert "Nobody in Salesforce is known yet" in shown
    assert "Connect Salesforce first." in shown


def test_who_was_not_found_is_listed_and_somebody_is_chosen_and_taken_back(mercy, client_for, known):
    client = client_for(mercy.administrator)
    shown = text_of(client.get(page()))
    assert "Not found" in shown and "No user there has this e-mail address." in shown
    assert "<strong>Ivo Integration</strong> owns the records of nobody" in shown
    address_of = page("owner", pk=mercy.rep.pk)
    with tenant_scope(mercy.tenant):
        lea = SalesforceUser.objects.get(sf_id="005L").pk
    refused = client.post(address_of, {"how": "user", "user": ""})
    assert "Choose the user." in text_of(refused)
    assert client.post(address_of, {"how": "user", "user": str(lea)}).status_code == 302
    assert owner_of(mercy) == ("chosen", "005L", True)
    assert "Lea Lindner" in text_of(client.get(page()))
    client.post(address_of, {"how": "fallback"})
    assert owner_of(mercy) == ("left", "", True)
    client.post(address_of, {"how": "email"})
    assert owner_of(mercy) == ("not_found", "", False)
    assert client.post(page("owners-fallback"), {"user": str(lea)}).status_code == 302
    assert "<strong>Lea Lindner</strong> owns" in text_of(client.get(page()))


def test_managers_see_and_reps_do_not(mercy, client_for, known):
    shown = text_of(client_for(mercy.manager).get(page()))
    assert "Fallback owner" in shown and page("owners-read") not in shown
    assert client_for(mercy.manager).get(page("owner", pk=mercy.rep.pk)).status_code == 403
    assert client_for(mercy.rep).get(page()).status_code in (403, 404)


def test_the_users_are_read_in_the_background_and_the_page_comes_back(mercy, client_for, server):
    with bound_tenant(mercy.tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
    client = client_for(mercy.administrator)
    asked = client.post(page("owners-read"))
    with bound_tenant(mercy.tenant):
        errands.perform("describe")
    assert client.get(asked.url, follow=True).redirect_chain[-1][0] == page()
    assert "Ivo Integration" in text_of(client.get(page()))
    assert client.get(page("mapping")).status_code == 200


def test_the_same_by_api(mercy, client_for, known):
    client = client_for(mercy.administrator)
    found = client.get(API).json()
    (row,) = [one for one in found["rows"] if one["member_id"] == str(mercy.rep.pk)]
    assert (row["how"], row["user"], found["fallback"]) == ("not_found", "Ivo Integration", "Ivo Integration")
    put = {"content_type": "application/json"}
    path = f"{API}{mercy.rep.pk}/"
    assert client.put(path, {"user": "005L"}, **put).status_code == 200
    assert owner_of(mercy) == ("chosen", "005L", True)
    assert client.put(path, {"user": None}, **put).status_code == 200
    assert owner_of(mercy)[2] is False
    assert client.put(path, {"user": "005NOBODY"}, **put).status_code == 400
    assert client.put(API, {"user": "005L"}, **put).json()["fallback"] == "Lea Lindner"


def test_the_same_by_the_command(mercy, known, capsys):
    def run(*words):
        call_command("salesforce_owners", "--tenant", "mercy", *words)
        return capsys.readouterr().out

    email = mercy.rep.user.email
    assert "not found" in run()
    assert "chosen" in run("--member", email, "--user", "lea@x.example")
    assert owner_of(mercy) == ("chosen", "005L", True)
    assert "Fallback owner: Lea Lindner." in run("--fallback", "005L", "--member", email, "--by-email")
    assert "Ivo Integration" in run("--fallback", "none")
    with pytest.raises(CommandError, match="Say one of"):
        run("--member", email)
    with pytest.raises(CommandError, match="No active user"):
        run("--member", email, "--user", "x@y.example")
    rows = json.loads(run("--json"))["rows"]
    assert email in [one["email"] for one in rows]
