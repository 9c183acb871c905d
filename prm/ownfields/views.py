"""The tab of the settings with the tenant's own fields."""

from typing import Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ownfields import service
from prm.ownfields.forms import AddFieldForm, ChangeFieldForm, SetForm
from prm.ownfields.models import OwnField
from prm.ownfields.registry import OwnRecord, record_called, records
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import plural

NAV: Final = "settings"
_TEMPLATE: Final = "ownfields/field_form.html"


def _home(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "ownfields:fields")


@require_GET
@page_requires(Right.SETTINGS_EDIT)
def page(request: TenantRequest) -> HttpResponse:
    """List the fields of each kind of record, with how many records have a value."""
    fields = list(OwnField.objects.all())
    groups = [
        (
            record,
            record.nouns(),
            [(field, counts.get(field.pk, 0)) for field in fields if field.of == record.key],
        )
        for record in records()
        for counts in [_counts(record) if any(field.of == record.key for field in fields) else {}]
    ]
    return render(request, "ownfields/fields.html", {"groups": groups, "nav_key": NAV})


def _counts(record: OwnRecord) -> dict[UUID, int]:
    """Return how many records have a value, by field (1 query)."""
    rows = record.model.objects.order_by().values_list("field").annotate(records=Count("pk"))
    return dict(rows)


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """Add a field behind the others of its record."""
    form = AddFieldForm(request.POST or None, initial={"of": request.GET.get("of", "partner")})

    def save() -> Done:
        field = service.add_field(**form.cleaned_data)
        return Done(
            _home(request),
            f"{field.name} added.",
            f"It stands on the form and among the columns. Programs call it {field.key}.",
            undo_url=tenant_url(request.tenant, "ownfields:remove", pk=field.pk),
        )

    return form_page(request, form, _TEMPLATE, _context(request, "Add a field", "Add field"), save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change the name and the choices of a field; key and type stay."""
    field = get_object_or_404(OwnField, pk=pk)
    form = ChangeFieldForm(request.POST or None, field=field)

    def save() -> Done:
        saved = service.change_field(field.pk, name=form.cleaned_data["name"], words=form.words())
        return Done(_home(request), f"{saved.name} saved.")

    context = _context(request, f"{field.name}, {field.key} to programs", "Save field")
    return form_page(request, form, _TEMPLATE, context, save=save)


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def set_one(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Do what a button of a row says: archive or bring back, up or down."""
    field = get_object_or_404(OwnField, pk=pk)
    form = SetForm(request.POST)

    def work() -> Done:
        given = form.cleaned_data if form.is_valid() else {}
        if place := given.get("place"):
            service.move_field(field.pk, up=place == "up")
            return Done(_home(request), f"{field.name} moved {place}.")
        if given.get("is_archived") is None:
            return Done(_home(request), "Nothing was changed.", kind="info")
        saved = service.change_field(field.pk, is_archived=given["is_archived"])
        return Done(
            _home(request),
            f"{saved.name} {'archived' if saved.is_archived else 'is back'}.",
            _kept(saved) if saved.is_archived else "With the values it had.",
            undo_url=request.path,
            undo_fields={"is_archived": str(not saved.is_archived).lower()},
        )

    return act(request, work, stay_url=_home(request))


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Remove a field of which nothing has a value."""
    field = get_object_or_404(OwnField, pk=pk)

    def work() -> Done:
        service.remove_field(field.pk)
        return Done(_home(request), f"{field.name} removed.")

    return act(request, work, stay_url=_home(request))


def _kept(field: OwnField) -> str:
    """Say what archiving leaves."""
    record = record_called(field.of)
    count = record.model.objects.filter(field=field.pk).count() if record else 0
    return f"It left forms, lists and files. {plural(count, 'value stays', 'values stay')} and come back with it."


def _context(request: TenantRequest, title: str, submit: str) -> dict[str, object]:
    return {"title": title, "submit": submit, "back": _home(request), "nav_key": NAV}
