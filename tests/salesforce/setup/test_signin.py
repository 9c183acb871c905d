"""Connecting by page and by command: to Salesforce and back, once, by the same person in the same browser."""

import json
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.core.management import CommandError, call_command
from django.urls import reverse

from prm.core import clock
from prm.salesforce.credentials.models import Authorization, Credential
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.setup import errands
from prm.salesforce.setup.models import Errand
from prm.tenancy.context import bound_tenant, tenant_scope

HOST = "http://testserver"


def page(name, **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


def text_of(answer):
    return " ".join(answer.content.decode().split())


def perform(mercy):
    with bound_tenant(mercy.tenant):
        errands.perform(Errand.Kind.CONNECT)


def app(server, **change):
    return {
        "login_url": server.url,
        "client_id": server.client_id,
        "client_secret": server.client_secret,
        **change,
    }


def at_salesforce(address, decision="allow"):
    """What a person does there: sign in as the first user, allow, and be sent back."""
    question = requests.get(address, timeout=10)
    user = question.text.partition('<option value="')[2].partition('"')[0]
    answer = requests.post(
        address, data={"user": user, "decision": decision}, allow_redirects=False, timeout=10
    )
    return answer.headers["Location"].removeprefix(HOST)


@pytest.fixture
def known(server):
    """The app knows where people come back to."""
    server.org.app.callbacks = [HOST + page("callback")]
    return server


def begin(client, server, **change):
    """Fill in the form and return the address at Salesforce."""
    there = client.post(page("connect-person"), app(server, **change))
    assert there.status_code == 302, text_of(there)
    shown = client.get(there.url)
    assert "Continue to Salesforce" in text_of(shown)
    return shown.context["address"]


def connection(mercy):
    with tenant_scope(mercy.tenant):
        return Connection.objects.first(), Credential.objects.first()


@pytest.fixture
def allowed(mercy, client_for, known):
    """Connected by a person; the client of that person."""
    client = client_for(mercy.administrator)
    back = client.get(at_salesforce(begin(client, known)))
    assert back.url == page("errand", kind="connect")
    perform(mercy)
    assert client.get(back.url).url == page("setup")
    return client


def test_a_person_connects_salesforce(mercy, known, allowed):
    bound, credential = connection(mercy)
    assert (bound.state, bound.organization_id) == ("resting", known.org.organization_id)
    assert (credential.way, bool(credential.refresh_token)) == ("person", True)
    assert credential.allowed_by
    with tenant_scope(mercy.tenant):
        assert not Authorization.objects.exists()
        assert not Errand.objects.exclude(details="").exists()


def test_what_is_asked_of_salesforce(mercy, client_for, known):
    asked = dict(parse_qsl(urlsplit(begin(client_for(mercy.administrator), known)).query))
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == HOST + page("callback")
    assert asked["scope"] == "api refresh_token" and "login" in asked["prompt"]
    with tenant_scope(mercy.tenant):
        assert Authorization.objects.get().verifier not in str(asked)


def test_the_site_has_one_address_to_come_back_to(mercy, client_for, known, settings):
    settings.SITE_URL = "https://prm.example"
    client = client_for(mercy.administrator)
    assert f"https://prm.example{page('callback')}" in text_of(client.get(page("connect-person")))
    assert "redirect_uri=https%3A%2F%2Fprm.example" in begin(client, known)


def refused(client, back):
    answer = client.get(back)
    assert answer.url == page("connect-person")
    return text_of(client.get(answer.url))


def test_a_way_back_works_once(mercy, client_for, known):
    client = client_for(mercy.administrator)
    back = at_salesforce(begin(client, known))
    assert client.get(back).url == page("errand", kind="connect")
    with tenant_scope(mercy.tenant):
        Errand.objects.all().delete()
    assert "cannot be used" in refused(client, back)
    with tenant_scope(mercy.tenant):
        assert not Errand.objects.exists()


def test_a_way_back_is_of_its_person_browser_and_tenant(mercy, anchor, client_for, known):
    """And whoever tries another's does not use it up."""
    client = client_for(mercy.administrator)
    back = at_salesforce(begin(client, known))
    other_browser = client_for(mercy.administrator)
    assert "cannot be used" in refused(other_browser, back)
    assert client_for(mercy.manager).get(back).status_code == 403
    assert client_for(anchor.administrator).get(back).status_code == 404
    elsewhere = client_for(anchor.administrator).get(back.replace("/t/mercy/", "/t/anchor/"))
    assert elsewhere.url == page("connect-person").replace("/t/mercy/", "/t/anchor/")
    assert client.get(back).url == page("errand", kind="connect")


@pytest.mark.parametrize("change", ["state=x", "state=", "late", "bent"])
def test_a_state_of_nobody_connects_nothing(mercy, client_for, known, clock_at, change):
    client = client_for(mercy.administrator)
    back = at_salesforce(begin(client, known))
    given = dict(parse_qsl(urlsplit(back).query))
    if change == "late":
        clock_at(clock.now() + timedelta(minutes=31))
    elif change == "bent":
        given["state"] = given["state"][:-1] + ("0" if given["state"][-1] != "0" else "1")
    else:
        given["state"] = change.partition("=")[2]
    answer = client.get(page("callback"), given)
    assert answer.url == page("connect-person")
    with tenant_scope(mercy.tenant):
        assert not Errand.objects.exists()


def test_a_way_there_that_is_too_old_begins_again(mercy, anchor, client_for, known, clock_at):
    client = client_for(mercy.administrator)
    there = client.post(page("connect-person"), app(known)).url
    assert client_for(anchor.administrator).get(there.replace("/t/mercy/", "/t/anchor/")).status_code == 404
    clock_at(clock.now() + timedelta(minutes=31))
    assert client.get(there).url == page("connect-person")
    assert "That sign-in is over" in text_of(client.get(page("connect-person")))


@pytest.mark.parametrize(
    "trouble,words",
    [
        ("deny", "pressed Deny"),
        ("blocked", "Setup → Connected Apps OAuth Usage"),
        ("access_denied", "Admin approved users are pre-authorized"),
        ("scope", "lacks a scope"),
    ],
)
def test_a_refusal_at_salesforce_is_said_with_its_page(mercy, client_for, known, trouble, words):
    client = client_for(mercy.administrator)
    address = begin(client, known)
    if trouble != "deny":
        known.org.app.refusal = trouble
        answer = requests.get(address, allow_redirects=False, timeout=10)
        back = answer.headers["Location"].removeprefix(HOST)
    else:
        back = at_salesforce(address, "deny")
    assert words in refused(client, back)
    assert "cannot be used" in refused(client, back)


def test_a_code_whose_answer_is_lost_is_not_repeated(mercy, client_for, known):
    client = client_for(mercy.administrator)
    under_way = client.get(at_salesforce(begin(client, known))).url
    known.faults.add(kind="lose_after", path="oauth2/token", times="always")
    perform(mercy)
    assert client.get(under_way).url == page("connect-person")
    assert "Begin again" in text_of(client.get(page("connect-person")))
    assert len([entry for entry in known.org.log.entries if entry["endpoint"] == "token"]) == 1
    assert connection(mercy) == (None, None)


def test_another_organisation_than_the_connected_one_is_refused_and_left(mercy, known, allowed):
    """A production organisation never takes another's place by signing in."""
    with tenant_scope(mercy.tenant):
        Connection.objects.update(organization_id="00D000000000001AAA", is_sandbox=False)
    grants = known.org.grants.count
    under_way = allowed.get(at_salesforce(begin(allowed, known))).url
    perform(mercy)
    assert allowed.get(under_way).url == page("connect-person")
    shown = text_of(allowed.get(page("connect-person")))
    assert "00D000000000001AAA" in shown and "Nothing was read or sent" in shown
    assert "refreshed" not in shown
    # What the other one had granted was given back.
    assert known.org.grants.count == grants
    assert connection(mercy)[0].organization_id == "00D000000000001AAA"


def test_a_refreshed_sandbox_has_a_way_of_its_own(mercy, known, allowed):
    with tenant_scope(mercy.tenant):
        Connection.objects.update(state="connected")
        RecordLink.objects.create(
            mapping="partners.partner", record_id=mercy.tenant.pk, sf_id="001000000000001AAA"
        )
    old = known.org.organization_id
    known.org.refresh()
    under_way = allowed.get(at_salesforce(begin(allowed, known))).url
    perform(mercy)
    assert allowed.get(under_way).url == page("connect-person")
    shown = text_of(allowed.get(page("connect-person")))
    assert "If your sandbox was refreshed" in shown and "This is our sandbox, refreshed" in shown
    assert connection(mercy)[0].organization_id == old
    under_way = allowed.get(at_salesforce(begin(allowed, known, replaces="on"))).url
    perform(mercy)
    assert allowed.get(under_way).url == page("setup")
    bound, _ = connection(mercy)
    assert (bound.organization_id, bound.state) == (known.org.organization_id, "resting")
    assert (bound.set_up_at, bound.started_at, bound.read_at) == (None, None, None)
    with tenant_scope(mercy.tenant):
        assert not RecordLink.objects.exists()


def test_the_sync_page_says_what_happened_to_a_refreshed_sandbox(mercy, known, allowed):
    with tenant_scope(mercy.tenant):
        Connection.objects.update(state="signed_out", state_note="This sign-in leads elsewhere.")
        Credential.objects.update(found_organization="00D000000000009AAA")
    shown = text_of(allowed.get(page("health")))
    assert "looks like a refreshed sandbox" in shown
    assert f"{page('connect-person')}?replaces" in shown


def test_the_sync_page_leads_to_the_page_of_salesforce_that_cures_it(mercy, known, allowed):
    with tenant_scope(mercy.tenant):
        Connection.objects.update(state="signed_out", state_note="OAUTH_APP_BLOCKED: …")
        Credential.objects.update(refusal="OAUTH_APP_BLOCKED")
    shown = text_of(allowed.get(page("health")))
    assert f"{known.url}/lightning/setup/ConnectedAppsUsage/home" in shown
    answer = allowed.get("/api/v1/mercy/salesforce/connection/").json()
    assert answer["signs_in_by"] == "person"
    assert answer["refusal"]["page"] == f"{known.url}/lightning/setup/ConnectedAppsUsage/home"


def test_a_key_is_made_shown_and_connects(mercy, client_for, known):
    client = client_for(mercy.administrator)
    assert "Make the key" in text_of(client.get(page("connect-key")))
    assert client.get(page("certificate")).status_code == 404
    assert client.post(page("key-new")).url == page("connect-key")
    handed = client.get(page("certificate")).content.decode()
    assert handed.startswith("-----BEGIN CERTIFICATE-----") and "PRIVATE" not in handed
    known.org.app.certificate = handed
    form = app(known, username="integration@default.example")
    assert client.post(page("connect-key"), form).url == page("errand", kind="connect")
    perform(mercy)
    assert client.get(page("errand", kind="connect")).url == page("setup")
    assert connection(mercy)[1].way == "key"
    assert "Replace the key" in text_of(client.get(page("connect-key")))
    client.post(page("key-new"))
    assert "the new one" in text_of(client.get(page("connect-key")))


def test_a_refused_key_says_where_to_click(mercy, client_for, known):
    client = client_for(mercy.administrator)
    client.post(page("key-new"))
    client.post(page("connect-key"), app(known, username="integration@default.example"))
    perform(mercy)
    assert client.get(page("errand", kind="connect")).url == page("connect-key")
    shown = text_of(client.get(page("connect-key")))
    assert "Enable JWT Bearer Flow" in shown
    assert f"{known.url}/lightning/setup/ManageExternalClientApplication/home" in shown


@pytest.mark.parametrize("name", ["connect-person", "connect-key", "callback", "certificate"])
def test_a_manager_connects_nothing(mercy, client_for, name):
    assert client_for(mercy.manager).get(page(name)).status_code == 403


# --- by command -----------------------------------------------------------------------------------


def run(command, *options):
    out = StringIO()
    call_command(command, "--tenant", "mercy", *options, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_by_command_with_a_key(mercy, known, tmp_path):
    made = run("salesforce_key", "--new", "--out", str(tmp_path / "prm.crt"))
    assert (tmp_path / "prm.crt").read_text() == made["certificate"]
    known.org.app.certificate = made["certificate"]
    there = ["--login-url", known.url, "--client-id", known.client_id, "--way", "key"]
    answer = run("salesforce_connect", *there, "--username", "integration@default.example")
    assert (answer["organization_id"], answer["way"]) == (known.org.organization_id, "key")
    assert run("salesforce_key", "--new")["is_next"] is True


def test_by_command_a_person_is_sent_to_the_page(mercy, client_for, known, settings):
    settings.COMMAND_URL = HOST
    there = ["--login-url", known.url, "--client-id", known.client_id, "--way", "person"]
    answer = run("salesforce_connect", *there)
    assert answer["callback"] == known.org.app.callbacks[0]
    client = client_for(mercy.administrator)
    address = client.get(answer["address"].removeprefix(HOST)).context["address"]
    assert client.get(at_salesforce(address)).url == page("errand", kind="connect")
    settings.COMMAND_URL = ""
    with pytest.raises(CommandError, match="SITE_URL"):
        run("salesforce_connect", *there)


def test_by_command_a_refreshed_sandbox_is_taken_over(mercy, known, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(known.client_secret)
    there = ["--login-url", known.url, "--client-id", known.client_id, "--client-secret-file", str(secret)]
    first = run("salesforce_connect", *there)
    known.org.refresh()
    with pytest.raises(CommandError, match="If your sandbox was refreshed"):
        run("salesforce_connect", *there)
    assert run("salesforce_connect", *there, "--refreshed")["organization_id"] != first["organization_id"]


def test_by_command_what_is_missing_is_said(mercy, known):
    there = ["--login-url", known.url, "--client-id", known.client_id]
    with pytest.raises(CommandError, match="client-secret-file"):
        run("salesforce_connect", *there)
    with pytest.raises(CommandError, match="cannot be read"):
        run("salesforce_connect", *there, "--way", "key", "--username", "u", "--key-file", "/nowhere")
    with pytest.raises(CommandError, match="--new"):
        run("salesforce_key")
