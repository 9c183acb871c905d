"""No cache keeps what belongs to a tenant, whatever the address; health is answered whoever asks."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from tests.test_isolation import PARAMETER, all_paths

SIGNED_IN = ("administrator", "rep", None)


def addresses():
    """Every address of the product, filled in with ids of nothing."""
    for template in sorted(set(all_paths())):
        path = PARAMETER.sub(lambda m: "mercy" if m["name"] == "tenant" else str(uuid4()), template)
        yield path.replace("(?P<", "").split("[")[0]


def test_there_are_addresses_to_walk():
    assert len(set(addresses())) > 80


# The header is put on below every page: what one person's walk has shown of a method need not be shown by all three.
@pytest.mark.parametrize(
    ("who", "htmx", "methods"),
    [("administrator", False, ("get", "post")), ("rep", True, ("get",)), (None, False, ("head", "post"))],
)
def test_no_answer_of_any_address_is_kept_by_a_cache(mercy, client_for, who, htmx, methods):
    client = client_for(getattr(mercy, who)) if who else Client()
    client.raise_request_exception = False
    headers = {"HX-Request": "true"} if htmx else {}
    kept, seen = [], set()
    for path in addresses():
        for method in methods:
            answer = getattr(client, method)(path, headers=headers)
            seen.add(answer.status_code)
            if "no-store" not in answer.get("Cache-Control", "") or "public" in answer["Cache-Control"]:
                kept.append((method, path, answer.status_code, answer.get("Cache-Control")))
        if who and "logout" in path:
            client = client_for(getattr(mercy, who))
            client.raise_request_exception = False
    assert kept == []
    assert {302, 405} <= seen
    assert not who or {200, 404} <= seen


@pytest.mark.parametrize(
    "path",
    [
        "/t/nobody/orders/", "/t/mercy/nothing-here/", "/api/v1/nobody/orders/", "/nothing", "/t/mercy/orders",
        "/t/mercy/partners/export.csv", "/t/mercy/orders/?q=%00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", SIGNED_IN)
def test_nor_what_is_not_there_nor_a_file(mercy, client_for, path, who):
    client = client_for(getattr(mercy, who)) if who else Client()
    assert "no-store" in client.get(path)["Cache-Control"]


def test_static_files_may_be_kept(client, settings):
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = client.get("/static/prm/base.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.get("Cache-Control", "")


# --- health -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hosts", [["prm.example"], [".example"], ["a.example", "b.example"], []])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "10.0.0.7", "evil.example", "-"])
def test_health_is_answered_under_any_name_and_unencrypted(db, settings, hosts, host):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = hosts, True
    answer = Client().get("/healthz", headers={"Host": host})
    assert answer.status_code in (200, 503), "not refused and not sent on"
    assert set(json.loads(answer.content)) == {"status", "database", "broker"}
    assert "no-store" in answer["Cache-Control"]


def test_nothing_else_is_answered_under_any_name(db, settings):
    settings.ALLOWED_HOSTS = ["prm.example"]
    assert Client(raise_request_exception=False).get("/", headers={"Host": "evil.example"}).status_code == 400


def test_health_is_only_read(db):
    assert Client().post("/healthz").status_code == 405
