"""Order sources: the list, and the form that says how a source's columns are read."""

from uuid import UUID

from django.db.models import Count, Max
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from orders.sources import service
from orders.sources.forms import SourceForm
from orders.sources.models import OrderSource
from orders.sources.tables import COLUMNS
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.export.answers import file_asked
from prm.ui.form_page import Done, form_page
from prm.ui.http import back_url


@require_GET
@page_requires(Right.SOURCE_EDIT)
def sources(request: TenantRequest) -> HttpResponseBase:
    """List all sources with what came from them."""
    found = OrderSource.objects.annotate(
        imports=Count("runs", distinct=True), last=Max("runs__finished_at")
    ).order_by("name")
    if file := file_asked(request, "order sources", COLUMNS, found):
        return file
    return render(request, "orders/sources.html", {"sources": found, "nav_key": "sources"})


@require_http_methods(["GET", "POST"])
@page_requires(Right.SOURCE_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """Add a source."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@page_requires(Right.SOURCE_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change a source."""
    return _form(request, get_object_or_404(OrderSource, pk=pk))


def _form(request: TenantRequest, source: OrderSource | None) -> HttpResponse:
    form = SourceForm(request.POST or None, source=source)
    next_url = back_url(request, tenant_url(request.tenant, "orders:sources"))

    def save() -> Done:
        names = ("name", "spec", "is_active", "kind")
        saved = service.save_source(source, **{name: form.cleaned_data[name] for name in names})
        return Done(next_url, f"Source {saved.name} saved.", "It holds from the next import on.")

    context = {"source": source, "next": next_url, "nav_key": "sources"}
    return form_page(request, form, "orders/source_form.html", context, save=save)
