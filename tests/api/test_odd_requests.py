"""Requests that nobody means well: each is answered, none with 500."""

import pytest
from django.test import Client
from rest_framework.pagination import CursorPagination

from prm.accounts.keys import create_key
from prm.accounts.service import add_member
from prm.core.ids import uuid7
from prm.tenancy.context import tenant_scope
from tests.api.test_bodies import viewsets
from tests.orders.factories import import_rows, make_source
from tests.test_isolation import all_paths, fill_in

ODD = (
    "\x01",
    "x",
    "-1",
    "9" * 400,
    "1e999",
    "NaN",
    "٣",
    "2026-02-30",
    "'",
    "{}",
    "00000000-0000",
    "\ud7ff",
    "%s",
)


@pytest.fixture
def administrator(mercy, client_for):
    client = client_for(mercy.administrator)
    client.raise_request_exception = False
    return client


def api_paths():
    return sorted({p for p in all_paths() if p.startswith("/api/v1/") and "format" not in p})


@pytest.mark.parametrize("cookie", ["prm_session", "prm_csrf", "anything"])
def test_a_cookie_with_a_nul_is_refused(mercy, cookie):
    client = Client(raise_request_exception=False)
    client.cookies[cookie] = "a"
    answer = client.get("/t/mercy/partners/", headers={"Cookie": f'{cookie}="a\\000b"'})
    assert answer.status_code == 400


def test_a_key_with_a_nul_opens_nothing(mercy):
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/mercy/partners/", headers={"Authorization": "Api-Key a\x00b.c"})
    assert answer.status_code in {400, 401}


@pytest.mark.parametrize("path", api_paths())
def test_options_are_answered_everywhere(administrator, path):
    assert administrator.options(fill_in(path, "mercy", uuid7())).status_code in {200, 204, 404}


@pytest.mark.parametrize("path", [p for p in api_paths() if "<" in p.replace("<slug:tenant>", "")])
def test_an_id_that_is_none_is_not_found(administrator, path):
    address = fill_in(path, "mercy", "no-id")
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(administrator, method)(address, content_type="application/json")
        assert answer.status_code in {404, 405}, (method, address)


def filters_of(view):
    """The filters of a list by name, each with what it is: two that are alike are tried once."""
    found = dict.fromkeys(getattr(view, "filterset_fields", None) or [], ())
    if getattr(view, "filterset_class", None):
        for name, one in view.filterset_class.base_filters.items():
            found[name] = (type(one), one.lookup_expr, one.method, one.field_name)
    pages = dict.fromkeys(("page", "page_size", "cursor", "offset"), (view.pagination_class,))
    return found | pages | {"ordering": (view.pagination_class, tuple(getattr(view, "ordering_fields", ())))}


def odd_queries():
    """Path, name and value: every filter, page and order of every list with everything odd."""
    seen = set()
    for path, route in viewsets().items():
        if path.endswith("/") and "<uuid" not in path:
            for name, kind in filters_of(route.cls).items():
                if (name, kind) not in seen:
                    seen.add((name, kind))
                    yield from ((path, name, value) for value in ODD)


def test_odd_filters_pages_and_orders_are_answered(administrator):
    wrong, asked = [], 0
    for path, name, value in odd_queries():
        answer = administrator.get(fill_in(f"/{path}", "mercy", ""), {name: value})
        asked += 1
        if answer.status_code not in {200, 400, 404, 405}:
            wrong.append((path, name, value, answer.status_code))
    assert wrong == []
    assert asked > 350


@pytest.mark.parametrize("ordering", ["placed_at", "amount", "updated_at", "-amount"])
@pytest.mark.parametrize("position", ["x", "", "1e999", "NaN", "9" * 400, "2026-01-01", "\x01"])
def test_a_cursor_of_another_list_is_not_found(administrator, mercy, ordering, position):
    with tenant_scope(mercy.tenant):
        import_rows(make_source(), "1,2026-05-03,77,A,1,10")
    pages = CursorPagination()
    pages.base_url, pages.cursor_query_param = "/", "cursor"
    from rest_framework.pagination import Cursor

    cursor = pages.encode_cursor(Cursor(0, False, position)).partition("cursor=")[2]
    answer = administrator.get(f"/api/v1/mercy/orders/?ordering={ordering}&cursor={cursor}")
    assert answer.status_code in {200, 404}


@pytest.mark.parametrize("scope", ["orders:read", "partners:read"])
def test_a_key_reads_how_the_api_is_used(mercy, scope):
    with tenant_scope(mercy.tenant):
        _, secret = create_key(name="Feed", scopes=[scope], created_by=None)
    headers = {"Authorization": f"Api-Key {secret}"}
    assert Client().get("/api/v1/mercy/schema/", headers=headers).status_code == 200


@pytest.mark.parametrize("page", ["schema", "docs"])
def test_documents_ask_for_a_right(mercy, client_for, page):
    with tenant_scope(mercy.tenant):
        partners_own = add_member(email="elena@mercy.example", role="partner")
    assert client_for(partners_own).get(f"/api/v1/mercy/{page}/").status_code == 403
    assert client_for(mercy.rep).get(f"/api/v1/mercy/{page}/").status_code == 200


@pytest.mark.parametrize(
    "place", ["orders/?tied", "partners/?proposal", "partners/?is_active", "visits/?promised"]
)
def test_a_yes_or_no_is_one_of_them_or_nothing(mercy, client_for, place):
    """Another word was taken for nothing said, and the whole list answered."""
    client = client_for(mercy.rep)
    taken = {word: client.get(f"/api/v1/mercy/{place}={word}").status_code for word in ("true", "false", "")}
    assert taken == {"true": 200, "false": 200, "": 200}
    for word in ("banana", "null", "1"):
        answer = client.get(f"/api/v1/mercy/{place}={word}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"] == "This is true or false."
