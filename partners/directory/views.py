"""The forms around a partner: its details and its referral codes."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from partners.directory import service
from partners.directory.forms import AddPartnerForm, AliasForm, CodeForm, PartnerForm
from partners.directory.models import Partner, PartnerAlias, ReferralCode
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.errors import Refused
from prm.tenancy.context import orders_heading
from prm.ui.form_page import Done, form_page
from prm.ui.http import back_url, saved
from prm.ui.toasts import toast


@page_requires(Right.PARTNER_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """Add a partner; where somebody is here who may be the same, ask first."""
    form = AddPartnerForm(request.POST or None, initial={"rep": _own_panel(request)})
    alike: list[tuple[str, str, UUID, tuple[str, ...]]] = []

    def save() -> Done:
        code = form.cleaned_data["code"].strip()
        codes = [(form.cleaned_data["scheme"], code)] if code else []
        try:
            partner = service.create_partner(
                **form.details(), codes=codes, another_than=form.others(), own=form.own_values()
            )
        except service.LooksLike as question:
            alike.extend(question.candidates)
            # Sent again, the page says that it is none of those that it has now shown.
            shown = " ".join(str(pk) for _, _, pk, _ in alike)
            form.data = {**form.data.dict(), "another_than": shown}  # type: ignore[attr-defined]
            raise
        return Done(partner.get_absolute_url(), f"{partner.name} added.", "The standing follows in a moment.")

    return form_page(
        request,
        form,
        "partners/partner_form.html",
        lambda: {"nav_key": "partners", "alike": alike},
        save=save,
    )


def _own_panel(request: TenantRequest) -> UUID | None:
    return request.membership.pk if allows(request, Right.PANEL_KEEP) else None


@page_requires(Right.PARTNER_EDIT)
def edit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change a partner's details; a change by somebody else meanwhile is pointed out, the input kept."""
    partner = get_object_or_404(Partner.objects.select_related("organisation", "rep__user"), pk=pk)
    form = PartnerForm(request.POST or None, partner=partner)
    clashes: list[tuple[str, str]] = []

    def save() -> Done:
        version = form.cleaned_data["version"]
        try:
            service.update_partner(
                partner.pk, expected_version=version, own=form.own_values(), **form.details()
            )
        except Refused as refused:
            if refused.code == "conflict":
                clashes.extend(_clashes(partner, form))
                # Saved again, the page overwrites what it has now shown.
                form.data = {**form.data.dict(), "version": str(partner.version)}  # type: ignore[attr-defined]
            raise
        next_url = back_url(request, partner.get_absolute_url())
        return Done(next_url, f"{form.cleaned_data['name']} saved.")

    return form_page(
        request,
        form,
        "partners/partner_form.html",
        lambda: {"nav_key": "partners", "partner": partner, "clashes": clashes},
        save=save,
    )


def _clashes(partner: Partner, form: PartnerForm) -> list[tuple[str, str]]:
    """List the fields where what is stored now differs from the input."""
    found = []
    for name, value in form.details().items():
        stored = getattr(partner, name)
        if stored != value and (stored or value):
            found.append((str(form.fields[name].label or name.capitalize()), str(stored or "empty")))
    return found


@page_requires(Right.PARTNER_EDIT)
def code_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Add a referral code to a partner."""
    partner = get_object_or_404(Partner, pk=pk)
    form = CodeForm(request.POST or None)

    def save() -> Done:
        added = service.add_code(partner.pk, **form.cleaned_data)
        words = f"{added} is a code of {partner.name}."
        return Done(partner.get_absolute_url(), words, f"{orders_heading()} waiting for it are being tied.")

    context = {"partner": partner, "title": "Add referral code", "submit": "Add code"}
    return form_page(request, form, "partners/small_form.html", context, save=save)


@page_requires(Right.PARTNER_EDIT)
def alias_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Give a partner another name by which it is found."""
    partner = get_object_or_404(Partner, pk=pk)
    form = AliasForm(request.POST or None)

    def save() -> Done:
        added = service.add_alias(partner.pk, name=form.cleaned_data["name"])
        return Done(partner.get_absolute_url(), f"{partner.name} is also found as {added.name}.")

    context = {"partner": partner, "title": "Add other name", "submit": "Add name"}
    return form_page(request, form, "partners/small_form.html", context, save=save)


@require_POST
@page_requires(Right.PARTNER_EDIT)
def alias_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take another name away."""
    alias = get_object_or_404(PartnerAlias.objects.select_related("partner"), pk=pk)
    service.remove_alias(alias.pk)
    toast(request, f"{alias} removed.", "The search does not find it any more.")
    return saved(request, alias.partner.get_absolute_url())


@require_POST
@page_requires(Right.PARTNER_EDIT)
def code_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a referral code away."""
    code = get_object_or_404(ReferralCode.objects.select_related("partner"), pk=pk)
    service.remove_code(code.pk)
    toast(request, f"{code} removed.", f"{orders_heading()} tied by it stay tied.")
    return saved(request, code.partner.get_absolute_url())
