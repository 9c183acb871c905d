"""The tab of the settings about data and how long it is kept."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.company.keeping.registry import all_kept
from prm.company.sample.queries import sample_data
from prm.core.urls import tenant_url

NAV = "settings"


@require_GET
@page_requires(Right.SETTINGS_EDIT)
def page(request: TenantRequest) -> HttpResponse:
    """Show what is kept how long, and where that is changed."""
    rows = [
        (one, one.what(), one.how_long(), tenant_url(request.tenant, one.url_name) if one.url_name else "")
        for one in all_kept()
    ]
    context = {"rows": rows, "sample": sample_data(), "nav_key": NAV}
    return render(request, "company/data.html", context)
