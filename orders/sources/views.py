"""Order sources: the list, and the form that says how a source's columns are read."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from orders.sources import service
from orders.sources.forms import SourceForm
from orders.sources.models import OrderSource
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.ui.http import back_url, invalid, saved
from prm.ui.toasts import toast


@require_GET
@page_requires(Right.SOURCE_EDIT)
def sources(request: TenantRequest) -> HttpResponse:
    """All sources with what came from them."""
    found = OrderSource.objects.annotate(
        imports=Count("runs", distinct=True), last=Max("runs__finished_at")
    ).order_by("name")
    return render(request, "orders/sources.html", {"sources": found, "nav_key": "sources"})


@require_http_methods(["GET", "POST"])
@page_requires(Right.SOURCE_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """A new source."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@page_requires(Right.SOURCE_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change a source."""
    return _form(request, get_object_or_404(OrderSource, pk=pk))


def _form(request: TenantRequest, source: OrderSource | None) -> HttpResponse:
    form = SourceForm(request.POST or None, source=source)
    next_url = back_url(request, reverse("orders:sources", kwargs={"tenant": request.tenant.slug}))
    context: dict[str, Any] = {"form": form, "source": source, "next": next_url, "nav_key": "sources"}
    if request.method != "POST":
        return render(request, "orders/source_form.html", context)
    if form.is_valid():
        data = form.cleaned_data
        try:
            kept = service.save_source(
                source, name=data["name"], spec=data["spec"], is_active=data["is_active"]
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        else:
            toast(request, f"Source {kept.name} saved.", "It holds from the next import on.")
            return saved(request, next_url)
    return invalid(request, "orders/source_form.html", context)
