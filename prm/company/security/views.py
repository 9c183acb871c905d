"""The tab of the settings about security."""

from typing import Final

from django.conf import settings as server
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.company.security.forms import SecurityForm
from prm.company.security.queries import Person, people
from prm.company.settings import service
from prm.core.urls import tenant_url
from prm.ui.export.answers import Columns, file_asked
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import plural

NAV: Final = "settings"
PEOPLE: Final[Columns[Person]] = {
    "Member": lambda person: str(person.member.user),
    "E-mail": lambda person: person.member.user.email,
    "Role": lambda person: person.member.role_label,
    "Second step": lambda person: person.words,
    "Last here": lambda person: person.member.last_seen_at,
}


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def page(request: TenantRequest) -> HttpResponseBase:
    """Show who has a second step; say whether everybody needs one."""
    rows = people()
    if request.method == "GET" and (file := file_asked(request, "security", PEOPLE, rows)):
        return file
    is_required = request.tenant.second_step_required
    said = request.POST if request.method == "POST" else None
    form = SecurityForm(said, initial={"second_step_required": is_required})
    without = [row for row in rows if not row.has_second_step]

    def save() -> Done:
        here = tenant_url(request.tenant, "company:security")
        change = service.change_company(by=request.membership, **form.cleaned_data)
        if change is None:
            return Done(here, "All is as it was.", "Nothing was changed.", kind="info")
        undo = tenant_url(request.tenant, "company:settings-undo", pk=change.pk)
        if not form.cleaned_data["second_step_required"]:
            return Done(here, "A second step is everybody's own choice.", undo_url=undo)
        words = f"{plural(len(without), 'member')} will be asked to set one up." if without else ""
        return Done(here, "Everybody needs a second step from now on.", words, undo_url=undo)

    def context() -> dict[str, object]:
        return {
            "people": rows,
            "safe": len(rows) - len(without),
            "has_own": all(row.member.pk != request.membership.pk for row in without),
            "days": server.SESSION_COOKIE_AGE // 86_400,
            "nav_key": NAV,
        }

    return form_page(request, form, "company/security.html", context, save=save)
