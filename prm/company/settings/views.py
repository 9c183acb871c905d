"""The page of settings, and the logo."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.company.settings import queries, service
from prm.company.settings.colour import PALETTE
from prm.company.settings.forms import CompanyForm, LogoForm, MoneyForm, WordsForm
from prm.company.settings.models import CompanyChange
from prm.company.settings.moves import Move, effects_of
from prm.company.settings.parts import sections
from prm.company.settings.rules import LABELS, words_of
from prm.company.settings.states import ChangeState
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import invalid, unchanged

NAV: Final = "settings"
_TEMPLATE: Final = "company/settings.html"
_FORMS: Final[Mapping[str, type[Form]]] = {
    "company": CompanyForm,
    "logo": LogoForm,
    "words": WordsForm,
    "money": MoneyForm,
}
_SAID: Final = ("agreed", "rate")


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def page(request: TenantRequest) -> HttpResponse:
    """Show the settings; save the section that is sent."""
    sent = request.POST.get("section", "") if request.method == "POST" else ""
    if sent and sent not in _FORMS:
        raise Http404
    forms = {key: _form(request, key, is_sent=key == sent) for key in _FORMS}
    if not sent:
        if unchanged(request, stamp := _stamp()):
            return HttpResponse(status=204)
        return render(request, _TEMPLATE, {**_context(forms), "stamp": stamp})
    form = forms[sent]
    if sent == "money" and form.is_valid():
        return _money(request, forms)

    def save() -> Done:
        return _SAVES[sent](request, form)

    return form_page(request, form, _TEMPLATE, lambda: _context(forms), save=save)


def _form(request: HttpRequest, key: str, *, is_sent: bool) -> Form:
    present = queries.present_values()
    files = request.FILES if is_sent else None
    return _FORMS[key](request.POST if is_sent else None, files, initial=present, auto_id=f"id_{key}_%s")


def _stamp() -> str:
    newest = queries.changes()[:1]
    return f"{newest[0].pk}{newest[0].state}" if newest else "none"


def _context(forms: Mapping[str, Form], moves: Sequence[Move] = ()) -> dict[str, object]:
    effects = effects_of(moves)
    return {
        **{f"{key}_form": form for key, form in forms.items()},
        "palette": [(place, colour) for place, colour in enumerate(PALETTE)],
        "moves": moves,
        "effects": effects,
        "needs_rate": any(effect.needs_rate for effect in effects),
        "button": moves[0].button if len(moves) == 1 else f"Make these {len(moves)} changes",
        "stay": moves[0].stay if len(moves) == 1 else "Keep all as it is",
        "parts": [(part, part.context()) for part in sections()],
        "changes": [_row(change) for change in queries.changes()],
        "waiting": queries.waiting_change(),
        "now": now(),
        "nav_key": NAV,
    }


def _row(change: CompanyChange) -> dict[str, object]:
    lines = [
        (LABELS.get(field, field), words_of(field, before), words_of(field, after))
        for field, (before, after) in change.values.items()
        if field != "logo"
    ]
    if "logo" in change.values:
        lines.append(("Logo", "", "changed" if change.values["logo"][1] else "taken away"))
    can_undo = change.state == ChangeState.DONE and lines and not queries.moves_of(change)
    return {"change": change, "lines": lines, "undo": can_undo and "logo" not in change.values}


# --- saving -------------------------------------------------------------------------------------


def _home(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "company:settings")


def _saved(request: TenantRequest, change: CompanyChange | None, detail: str = "") -> Done:
    """Say what became of it, with the way back where there is one."""
    if change is None:
        service.confirm_company(by=request.membership)
        return Done(_home(request), "All is as it was.", "Nothing was changed.", kind="info")
    if change.state == ChangeState.WAITS:
        return Done(_home(request), "It is being worked out.", "Figures show their old state until then.")
    can_undo = not queries.moves_of(change)
    undo = tenant_url(request.tenant, "company:settings-undo", pk=change.pk) if can_undo else ""
    return Done(_home(request), f"{service.labels_of(change)} saved.", detail, undo_url=undo)


def _save_values(request: TenantRequest, form: Form) -> Done:
    change = service.change_company(by=request.membership, **form.cleaned_data)
    return _saved(request, change)


def _save_words(request: TenantRequest, form: Form) -> Done:
    change = service.change_company(by=request.membership, **form.cleaned_data)
    return _saved(request, change, "They are used everywhere from now on.")


def _save_logo(request: TenantRequest, form: Form) -> Done:
    logo = service.set_logo(form.cleaned_data["logo"], by=request.membership)
    return Done(_home(request), "Logo saved.", f"{logo.width} × {logo.height} pixels, drawn anew.")


_SAVES: Final[Mapping[str, Callable[[TenantRequest, Form], Done]]] = {
    "company": _save_values,
    "logo": _save_logo,
    "words": _save_words,
}


def _money(request: TenantRequest, forms: Mapping[str, Form]) -> HttpResponse:
    """Save currency and time; what moves figures is shown once before it happens."""
    form = forms["money"]
    rate, agreed = form.cleaned_data["rate"], form.cleaned_data["agreed"]
    values = {name: value for name, value in form.cleaned_data.items() if name not in _SAID}
    try:
        moves = service.moves_in(values, rate)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return invalid(request, _TEMPLATE, _context(forms))
    if moves and agreed != service.key_of(moves):
        data = request.POST.copy()
        data["agreed"] = service.key_of(moves)
        asked = {**forms, "money": MoneyForm(data, auto_id="id_money_%s")}
        return invalid(request, _TEMPLATE, _context(asked, moves))

    def save() -> Done:
        change = service.change_company(by=request.membership, rate=rate, agreed=True, **values)
        detail = "Figures are worked out anew." if moves else ""
        return _saved(request, change, detail)

    return form_page(request, form, _TEMPLATE, lambda: _context(forms, moves), save=save)


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def confirm(request: TenantRequest) -> HttpResponse:
    """Note that somebody has looked at the settings and finds them right."""

    def work() -> Done:
        service.confirm_company(by=request.membership)
        return Done(tenant_url(request.tenant, "company:setup"), "The settings are confirmed.")

    return act(request, work, stay_url=_home(request))


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Set back what one change set."""
    change = get_object_or_404(CompanyChange, pk=pk)

    def work() -> Done:
        service.undo_change(change.pk, by=request.membership)
        return Done(_home(request), "Set back.", "It is as it was before.")

    return act(request, work, stay_url=_home(request))


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def logo_remove(request: TenantRequest) -> HttpResponse:
    """Take the logo away."""

    def work() -> Done:
        service.remove_logo(by=request.membership)
        return Done(_home(request), "The logo is taken away.", "The coloured letter stands for you again.")

    return act(request, work, stay_url=_home(request))


@require_GET
@page_requires(Right.PARTNER_VIEW, Right.OWN_REFERRALS)
def logo(request: TenantRequest, picture: str) -> HttpResponse:
    """Give the logo to people of the company and of its partners; as a picture and nothing else, whatever a browser makes of it."""
    del request  # it is the same for all who may see it
    found = queries.logo_named(picture)
    if found is None:
        raise Http404
    return HttpResponse(
        bytes(found.png),
        content_type="image/png",
        headers={
            "Content-Disposition": 'inline; filename="logo.png"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
