"""What the pages of all rooms of the sync have in common: addresses, and an act with what became of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import NoReverseMatch

from prm.accounts.http import TenantRequest
from prm.core.urls import tenant_url
from prm.mapping import Mapping
from prm.ui import form_page
from prm.ui.form_page import Done


def page_url(request: TenantRequest, name: str = "health") -> str:
    """Return the address of a page of this app in the tenant in scope."""
    return tenant_url(request.tenant, f"salesforce:{name}")


def connect_page(way: str) -> str:
    """Return the name of the page on which one signs in by that way (`Credential.Way`); the first choice without one."""
    return {"secret": "connect", "key": "connect-key"}.get(way, "connect-person")  # nosec B105 # names of pages


def record_url(request: TenantRequest, one: Mapping, record_id: UUID) -> str:
    """Where a record's page is; "" when its kind has none."""
    try:
        return tenant_url(request.tenant, one.url_name, pk=record_id)
    except NoReverseMatch:
        return ""


def act(request: TenantRequest, work: Callable[[], object], done: str, detail: str = "") -> HttpResponse:
    """Do something about the connection and say on the health page what became of it."""

    def acted() -> Done:
        work()
        return Done(page_url(request), done, detail)

    return form_page.act(request, acted, stay_url=page_url(request))
