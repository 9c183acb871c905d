"""Sheets that save a view, change it and remove it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from partners.saved import service
from partners.saved.forms import ViewForm
from partners.saved.models import SavedView
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page

NAV = "partners"


@require_http_methods(["GET", "POST"])
@page_requires(Right.PARTNER_VIEW)
def add(request: TenantRequest) -> HttpResponse:
    """Save what the list shows under a name."""
    form = _form(request, {"query": request.GET.get("query", "")})

    def save() -> Done:
        view = service.save_view(**form.cleaned_data, by=request.membership)
        return Done(view.get_absolute_url(), f"View {view.name} saved.")

    context = {"title": "Save view", "next": tenant_url(request.tenant, "partners:list"), "nav_key": NAV}
    return form_page(request, form, "partners/view_form.html", context, save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.PARTNER_VIEW)
def change(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Rename a view, share it, or let it show what the list shows now (`?query=`)."""
    view = get_object_or_404(SavedView.objects.seen_by(request.membership.pk), pk=pk)
    query = request.GET.get("query", view.query)
    form = _form(request, {"name": view.name, "is_shared": view.is_shared, "query": query})

    def save() -> Done:
        changed = service.change_view(view.pk, **form.cleaned_data)
        return Done(changed.get_absolute_url(), f"View {changed.name} saved.")

    context = {"title": view.name, "view_row": view, "next": view.get_absolute_url(), "nav_key": NAV}
    return form_page(request, form, "partners/view_form.html", context, save=save)


@require_POST
@page_requires(Right.PARTNER_VIEW)
def remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Remove a view; the toast offers to save it again."""
    view = get_object_or_404(SavedView.objects.seen_by(request.membership.pk), pk=pk)
    home = tenant_url(request.tenant, "partners:list")

    def work() -> Done:
        service.remove_view(view.pk)
        fields = {"name": view.name, "query": view.query, **({"is_shared": "on"} if view.is_shared else {})}
        undo = tenant_url(request.tenant, "partners:view-add")
        return Done(home, f"View {view.name} removed.", undo_url=undo, undo_fields=fields)

    return act(request, work, stay_url=view.get_absolute_url(), refused_title="Not removed.")


def _form(request: TenantRequest, initial: dict[str, object]) -> ViewForm:
    form = ViewForm(request.POST or None, initial=initial)
    if not allows(request, Right.ACTIVITY_MANAGE):
        del form.fields["is_shared"]
    return form
