"""Whatever fails is answered in the caller's form: a page, a piece of one for htmx, problem details."""

import json
from http import HTTPStatus

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.test import Client
from django.urls import path

from prm import urls
from prm.api import failures
from prm.core.errors import CONTENT_TYPE
from tests.html import squeezed


def raising(error):
    def view(request):
        raise error

    return view


def _csrf(request):
    return failures.csrf_failed(request, "CSRF cookie not set.")


ERRORS = {
    "bad-request": (SuspiciousOperation("x"), 400, "bad_request"),
    "refused": (PermissionDenied(), 403, "permission_denied"),
    "gone": (Http404(), 404, "not_found"),
    "big": (RequestDataTooBig("x"), 413, "body_too_large"),
    "fields": (TooManyFieldsSent("x"), 413, "body_too_large"),
    "files": (TooManyFilesSent("x"), 413, "body_too_large"),
    "broken": (ZeroDivisionError("secret"), 500, "error"),
    "no-database": (OperationalError("secret"), 503, "unavailable"),
    "lost-database": (InterfaceError("secret"), 503, "unavailable"),
}
VIEWS = {name: raising(error) for name, (error, _, _) in ERRORS.items()}
VIEWS |= {"csrf": _csrf, "many": failures.too_many}
EXPECTED = {name: (status, code) for name, (_, status, code) in ERRORS.items()}
EXPECTED |= {"csrf": (403, "csrf_failed"), "many": (429, "throttled")}

urlpatterns = [
    *urls.urlpatterns,
    *(path(f"{door}{name}/", view) for name, view in VIEWS.items() for door in ("", "api/")),
]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


@pytest.fixture
def client(settings, db):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", VIEWS)
def test_a_person_sees_a_whole_page_of_ours(client, name):
    status, _ = EXPECTED[name]
    answer = client.get(f"/{name}/")
    text = answer.content.decode()
    assert answer.status_code == status
    assert text.count("<html") == 1
    assert text.lstrip().startswith("<!DOCTYPE html>")
    assert "<h1>" in squeezed(text)
    assert f"Error {status}" in text
    assert "secret" not in text
    assert "no-store" in answer["Cache-Control"]
    assert 'href="/"' in text, "a way on"


@pytest.mark.parametrize("name", VIEWS)
def test_htmx_gets_a_piece_with_the_words(client, name):
    status, _ = EXPECTED[name]
    answer = client.get(f"/{name}/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == status
    assert "<html" not in text
    assert "data-prm-told" in text
    assert 'role="alert"' in text
    assert "no-store" in answer["Cache-Control"]
    boosted = client.get(f"/{name}/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert "<html" in boosted.content.decode()


@pytest.mark.parametrize("name", VIEWS)
def test_a_program_gets_problem_details(client, name):
    status, code = EXPECTED[name]
    answer = client.get(f"/api/{name}/")
    body = json.loads(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (status, CONTENT_TYPE)
    assert (body["status"], body["code"], body["title"]) == (status, code, HTTPStatus(status).phrase)
    assert "secret" not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["no-database", "lost-database"])
def test_who_asks_while_the_database_is_down_is_told_when_to_come_back(client, name):
    assert client.get(f"/{name}/")["Retry-After"] == str(failures.RETRY_SECONDS)


def test_every_status_that_is_answered_has_words():
    for status, failure in failures.FAILURES.items():
        assert HTTPStatus(status) >= HTTPStatus.BAD_REQUEST
        assert failure.text.endswith(".")
        assert failure.detail.endswith(".")
    assert {status for status, _ in EXPECTED.values()} | {405} == set(failures.FAILURES)


def test_a_form_without_its_token_is_answered_by_our_page(mercy):
    """The real way: a page left open over a sign-out in another tab."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(mercy.administrator.user, backend="prm.accounts.signin.backend.AddressBackend")
    answer = browser.post("/t/mercy/partners/add/", {"name": "A"})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "This form has expired" in text
    assert "CSRF verification failed" not in text
    piece = browser.post("/t/mercy/partners/add/", {"name": "A"}, headers={"HX-Request": "true"})
    assert "data-prm-told" in piece.content.decode()
    assert "<html" not in piece.content.decode()


def test_a_session_that_calls_the_api_without_its_token_gets_problem_details(mercy):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(mercy.administrator.user, backend="prm.accounts.signin.backend.AddressBackend")
    answer = browser.post("/api/v1/mercy/partners/", {"name": "A"}, content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == CONTENT_TYPE


@pytest.mark.parametrize("address", ["/t/mercy/orders/", "/account/logout/", "/api/v1/mercy/orders/"])
def test_a_host_that_is_not_served_is_a_page_too(mercy, address, settings):
    settings.ALLOWED_HOSTS = ["prm.example"]
    answer = Client(raise_request_exception=False).get(address, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert ("problem" if address.startswith("/api/") else "This request cannot be read") in (
        answer["Content-Type"] + answer.content.decode()
    )


def test_a_post_to_what_is_only_read_and_the_other_way_round(mercy, client_for):
    member = client_for(mercy.administrator)
    answer = member.get("/t/mercy/salesforce/sync/")
    assert answer.status_code == 405
    assert "Not opened this way" in answer.content.decode()
    assert answer["Allow"]
    assert member.head("/t/mercy/salesforce/sync/").content == b""


def test_too_many_tries_to_sign_in_are_answered_by_our_page(rf):
    """allauth asks the URLconf for it."""
    from allauth.core.internal.ratelimit import respond_429

    request = rf.get("/account/login/")
    request.allauth = object()
    answer = respond_429(request)
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()
