"""Context processor: whether this page's reader may search, and where."""

from django.http import HttpRequest

from prm.accounts.rights import allows
from prm.core.urls import tenant_url
from prm.search.views import SEARCHERS


def search(request: HttpRequest) -> dict[str, object]:
    """Return `search_url`, the page of the search; "" outside a tenant and for who finds nothing by it."""
    tenant = getattr(request, "tenant", None)
    if tenant is None or not any(allows(request, right) for right in SEARCHERS):  # type: ignore[arg-type]
        return {"search_url": ""}
    return {"search_url": tenant_url(tenant, "search:page")}
