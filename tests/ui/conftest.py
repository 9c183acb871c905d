"""The kit's pages, served without a database, and a browser to open them."""

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from tests.conftest import open_chromium
from tests.ui.kit import RIGHTS, TENANT
from tests.ui.serving import kit_settings, serving


@pytest.fixture
def rep_request(rf):
    """A request as a rep of a tenant sends it, through the middleware."""

    def make(path="/", htmx_target="", **query):
        from prm.accounts.models import User

        headers = {"HX-Request": "true", "HX-Target": htmx_target} if htmx_target else {}
        request = rf.get(path, query, headers=headers)
        request.user = User(email="dana@mercy.example", name="Dana Whitaker")
        request.tenant = TENANT
        request.membership = SimpleNamespace(pk=uuid4(), user=request.user)
        request.rights = RIGHTS["rep"]
        request.session = {}
        request.resolver_match = None
        from django_htmx.middleware import HtmxDetails

        request.htmx = HtmxDetails(request)
        return request

    return make


@pytest.fixture(scope="module")
def kit() -> Iterator[str]:
    """The address of the kit's pages."""
    from django.conf import settings

    with kit_settings(settings), serving() as address:
        yield f"{address}/t/mercy/kit"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium("the kit was not opened in a browser") as engine:
        yield engine
