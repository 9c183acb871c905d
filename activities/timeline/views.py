"""A partner's timeline: a fragment for the partner page, and a page with everything."""

from typing import Final

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from activities.plans.views import asked_partner
from activities.rights import may_change
from activities.timeline.queries import entries, story, total
from partners.directory.timeline import Entry
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.ui.export import answers as export
from prm.ui.http import is_htmx
from prm.ui.lists import page_of

ON_PARTNER_PAGE = 6
PER_PAGE = 30
COLUMNS: Final[export.Columns[Entry]] = {
    "What": lambda entry: entry.item.title,
    "When": lambda entry: entry.at,
    "Text": lambda entry: entry.item.text,
    "Note": lambda entry: entry.item.note,
}


@page_requires(Right.ACTIVITY_VIEW)
@require_GET
def timeline(request: TenantRequest) -> HttpResponseBase:
    """Show the story of ``?partner=``: for htmx the newest few with a link to all; as a page everything, paged."""
    partner = asked_partner(request)
    if partner is None:
        raise Http404
    if is_htmx(request):
        part = story(partner, may_change, start=0, length=ON_PARTNER_PAGE)
        context = {"partner": partner, "story": part}
        return render(request, "activities/parts/timeline.html", context)
    if wanted := export.asked(request):
        told = entries(partner, may_change, most=total(partner))
        sheet = export.sheet_of(f"timeline of {partner.name}", COLUMNS, told)
        return export.exported(wanted, sheet, rows=len(told))
    number = request.GET.get("page", "1")
    start = (max(1, int(number)) - 1) * PER_PAGE if number.isdecimal() and len(number) < 5 else 0
    whole = story(partner, may_change, start=start, length=PER_PAGE)
    page = page_of(range(whole.total), str(start // PER_PAGE + 1), PER_PAGE)
    context = {
        "partner": partner,
        "items": whole.items,
        "page": page,
        "total": whole.total,
        "exports": export.links(request),
        "nav_key": "partners",
    }
    return render(request, "activities/timeline.html", context)
