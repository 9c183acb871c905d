"""Pages of the tenant's own kinds of partner; their list is a section of the settings."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from partners.kinds import service
from partners.kinds.forms import ChangeKindForm, KindForm, SetForm
from partners.kinds.models import PartnerKind
from partners.kinds.words import portal_words
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page

NAV = "settings"
_TEMPLATE = "partners/kind_form.html"


def _home(request: TenantRequest) -> str:
    return f"{tenant_url(request.tenant, 'company:settings')}#kinds"


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """Add a kind at the end of the list."""
    form = KindForm(request.POST or None)

    def save() -> Done:
        kind = service.add_kind(**form.cleaned_data)
        away = tenant_url(request.tenant, "partners:kind-set", pk=kind.pk)
        return Done(
            _home(request),
            f"{kind.singular} added.",
            f"Known to programs as {kind.key}.",
            undo_url=away,
            undo_fields={"is_offered": "false"},
        )

    return form_page(request, form, _TEMPLATE, _context(request, "Add a kind", "Add kind"), save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change the words of a kind, and what is said of it; its key stays."""
    kind = get_object_or_404(PartnerKind, pk=pk)
    present = {name: getattr(kind, name) for name in ChangeKindForm.base_fields}
    form = ChangeKindForm(request.POST or None, initial=present)

    def save() -> Done:
        saved = service.change_kind(kind.key, **form.cleaned_data)
        return Done(_home(request), f"{saved.singular} saved.", f"{portal_words(saved)}.")

    context = _context(request, f"{kind.singular}, {kind.key} to programs", "Save kind")
    return form_page(request, form, _TEMPLATE, context, save=save)


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def set_one(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Do what a button of a row says: regulated or not, put away or back, up or down."""
    kind = get_object_or_404(PartnerKind, pk=pk)
    form = SetForm(request.POST)

    def work() -> Done:
        given = form.cleaned_data if form.is_valid() else {}
        if place := given.get("place"):
            service.move_kind(kind.key, up=place == "up")
            return Done(_home(request), f"{kind.singular} moved {place}.")
        said = {name: given[name] for name in ("is_regulated", "is_offered") if given.get(name) is not None}
        before = {name: str(getattr(kind, name)).lower() for name in said}
        saved = service.change_kind(kind.key, **said)
        away = "" if saved.is_offered else " Put away: offered to nobody new."
        return Done(
            _home(request),
            f"{saved.singular} saved.",
            f"{portal_words(saved)}.{away}",
            undo_url=request.path,
            undo_fields=before,
        )

    return act(request, work, stay_url=_home(request))


def _context(request: TenantRequest, title: str, submit: str) -> dict[str, object]:
    return {"title": title, "submit": submit, "back": _home(request), "nav_key": NAV}
