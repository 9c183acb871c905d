"""The list of pairs that look like one: merge, two, later."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from partners.lookalikes import service, tables
from partners.lookalikes.models import LookAlike
from partners.merges.queries import suggested
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.work.states import Slice
from prm.ui.export import answers as export
from prm.ui.form_page import Done, act
from prm.ui.formatting import plural
from prm.ui.http import back_url
from prm.ui.lists import page_of

PER_PAGE = 20
# A person waits for so long; what is left is looked at by night.
LOOK_SECONDS = 3.0


@require_GET
@page_requires(Right.ORDER_TIE)
def pairs(request: TenantRequest) -> HttpResponseBase:
    """Show pairs by money; with `apart` those that somebody kept apart."""
    is_apart = request.GET.get("apart") == "1"
    rows = LookAlike.objects.by_money()
    rows = rows.present().filter(state=LookAlike.State.APART) if is_apart else rows.open()
    if file := export.file_asked(request, "look-alikes", tables.pairs(request.tenant), rows):
        return file
    page = page_of(rows, request.GET.get("page"), PER_PAGE)
    context = {
        "page": page,
        "pairs": [(pair, _merge_url(request, pair)) for pair in page.object_list],
        "is_apart": is_apart,
        "apart": LookAlike.objects.present().filter(state=LookAlike.State.APART).count(),
        "exports": export.links(request),
        "nouns": ("pair", "pairs"),
        "nav_key": "look-alikes",
    }
    return render(request, "partners/look_alikes.html", context)


def _merge_url(request: TenantRequest, pair: LookAlike) -> str:
    """Return where both are compared; who brought more stays, unless a person says otherwise."""
    stays, goes = suggested(pair.first_id, pair.second_id)
    return tenant_url(request.tenant, "partners:merge", pk=stays, other=goes)


@require_POST
@page_requires(Right.ORDER_TIE)
def decide(request: TenantRequest, pk: UUID, state: str) -> HttpResponse:
    """Say of a pair that these are two, that it waits, or that it is open again."""
    pair = get_object_or_404(LookAlike.objects.select_related("first", "second"), pk=pk)
    back = back_url(request, tenant_url(request.tenant, "partners:look-alikes"))
    before = pair.state

    def work() -> Done:
        service.decide(pair.pk, state=state)
        names = f"{pair.first.name} and {pair.second.name}"
        words = {
            "apart": f"{names} are two.",
            "later": f"{names} wait.",
            "open": f"{names} are asked about again.",
        }
        detail = "You are not asked about them again." if state == "apart" else ""
        undo = tenant_url(request.tenant, "partners:look-alike", pk=pair.pk, state=before)
        return Done(back, words[state], detail, undo_url=undo)

    return act(request, work, stay_url=back)


@require_POST
@page_requires(Right.ORDER_TIE)
def look_now(request: TenantRequest) -> HttpResponse:
    """Look at what changed since the last night."""
    back = tenant_url(request.tenant, "partners:look-alikes")

    def work() -> Done:
        left = service.look_for(LOOK_SECONDS, lag=timedelta(0)) is Slice.MORE
        count = LookAlike.objects.open().count()
        return Done(
            back, f"{plural(count, 'pair')} to look at.", "The rest is looked at by night." if left else ""
        )

    return act(request, work, stay_url=back)
