"""One's own digest, one's choice, and the tab of the settings."""

from typing import Final

from django.conf import settings as server
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.digest.choices import service
from prm.digest.choices.queries import arranged_for, choice_of, default
from prm.digest.choices.rules import Timing, place
from prm.digest.choices.states import Frequency
from prm.digest.lines.registry import topics_for
from prm.digest.pages.forms import ChoiceForm, DefaultForm
from prm.digest.pages.presentation import Reader, choice_context, reader_rows
from prm.digest.sending.queries import present_digest, why_no_mail
from prm.ui.export.answers import Columns, file_asked
from prm.ui.form_page import Done, form_page

NAV = "settings"


@require_GET
@page_requires(*Right)
def today(request: TenantRequest) -> HttpResponse:
    """Show what a digest would tell its reader now; nothing is sent, and nothing counts as told."""
    plan = arranged_for(request.membership)
    context = {"digest": present_digest(request.membership, plan), "timing": plan.timing}
    return render(request, "digest/today.html", context)


@require_http_methods(["GET", "POST"])
@page_requires(*Right)
def choice(request: TenantRequest) -> HttpResponse:
    """Choose how often, when and of what one is told."""
    member = request.membership
    form = ChoiceForm(
        request.POST or None, kept=choice_of(member), usual=default(), topics=topics_for(request.rights)
    )

    def save() -> Done:
        service.set_choice(member, **form.choice())
        return Done(
            f"{tenant_url(request.tenant, 'accounts:profile')}#digest",
            "Digest saved.",
            f"{arranged_for(member).timing.words}.",
        )

    def context() -> dict[str, object]:
        return {"context": choice_context(member, form)}

    return form_page(request, form, "digest/choice.html", context, save=save)


READERS: Final[Columns[Reader]] = {
    "Member": lambda reader: str(reader.member.user),
    "E-mail": lambda reader: reader.member.user.email,
    "Role": lambda reader: reader.member.role_label,
    "When": lambda reader: reader.words,
    "Own choice": lambda reader: "yes" if reader.has_chosen else "no",
    "Last": lambda reader: reader.last.get_state_display() if reader.last else "",
    "Last on": lambda reader: reader.last.at if reader.last else None,
    "Why not": lambda reader: reader.last.message if reader.last else "",
}


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def settings(request: TenantRequest) -> HttpResponseBase:
    """Say what holds for whoever has not chosen; show who is told when, and whether mail leaves this server."""
    rows = reader_rows()
    if request.method == "GET" and (file := file_asked(request, "digest", READERS, rows)):
        return file
    form = DefaultForm(request.POST or None, kept=default())

    def save() -> Done:
        kept = service.set_default(**form.cleaned_data)
        timing = Timing(Frequency(kept.frequency), kept.weekday, kept.at, request.tenant.timezone)
        return Done(
            tenant_url(request.tenant, "digest:settings"),
            "Digest saved.",
            f"{timing.words}, for whoever has not chosen.",
        )

    def context() -> dict[str, object]:
        return {
            "readers": rows,
            "why_no_mail": why_no_mail(),
            "is_kept_in_files": server.MAIL_IS_SET_UP and not server.MAIL_DELIVERS,
            "sender": server.DEFAULT_FROM_EMAIL,
            "zone": place(request.tenant.timezone),
            "nav_key": NAV,
        }

    return form_page(request, form, "digest/settings.html", context, save=save)
