"""The list of pairs that look like one: merge, two, later."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from partners.lookalikes import service, tables
from partners.lookalikes.models import LookAlike
from partners.merges import queries as merges
from partners.merges.queries import suggested
from partners.merges.views import comparison
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
    pairs = list(page.object_list)
    context = {
        "page": page,
        "pairs": pairs,
        "is_apart": is_apart,
        **({} if is_apart else _chosen(request, pairs)),
        "apart": LookAlike.objects.present().filter(state=LookAlike.State.APART).count(),
        "exports": export.links(request),
        "nouns": ("pair", "pairs"),
        "nav_key": "look-alikes",
    }
    return render(request, "partners/look_alikes.html", context)


def _chosen(request: TenantRequest, pairs: Sequence[LookAlike]) -> dict[str, object]:
    """Return the pair at hand, compared: who brought more stays, unless a person says otherwise (`swap`)."""
    asked = request.GET.get("pair", "")
    chosen = next((pair for pair in pairs if str(pair.pk) == asked), pairs[0] if pairs else None)
    if chosen is None:
        return {}
    stays, goes = suggested(chosen.first_id, chosen.second_id)
    is_swapped = request.GET.get("swap") == "1"
    preview = merges.preview(*((goes, stays) if is_swapped else (stays, goes)))
    here = tenant_url(request.tenant, "partners:look-alikes")
    return {
        "chosen": chosen,
        "is_swapped": is_swapped,
        "next_url": here,
        "total": _money(),
        **comparison(request, preview),
    }


def _money() -> Decimal:
    """Return the money on the smaller of all open pairs."""
    total = LookAlike.objects.open().by_money().order_by().aggregate(total=Sum("money"))["total"]
    return total or Decimal(0)


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
