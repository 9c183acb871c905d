"""My panel with its call plans, and every rep's panel for managers."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from activities.plans import queries
from activities.plans.forms import PlanForm
from activities.plans.queries import PanelRow
from activities.plans.service import set_call_plan
from activities.rights import manages, require_change
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership
from prm.accounts.rights import Right, allows, page_requires, require
from prm.core import calendar
from prm.core.errors import Refused
from prm.ui.figures import Figure
from prm.ui.form_page import refuse
from prm.ui.formatting import number
from prm.ui.http import is_htmx, saved
from prm.ui.toasts import toast


@page_requires(Right.PANEL_KEEP, Right.ACTIVITY_MANAGE)
@require_GET
def panel(request: TenantRequest) -> HttpResponse:
    """Attainment per partner; a manager may look at (and plan) anybody's with ``?rep=``."""
    rep = _asked_rep(request)
    day = calendar.today(request.tenant)
    rows = queries.panel_of(Partner.objects.active().filter(rep=rep), day)
    month = queries.month_attainment(rows, day)
    behind = sum(row.missing > 0 for row in rows)
    context = {
        "rep": rep,
        "mine": rep == request.membership,
        "rows": sorted(rows, key=lambda row: (row.missing == 0, -row.missing, row.partner.name)),
        "figures": [
            Figure("Visits this month", number(month.done), f"of {month.planned} planned"),
            Figure(
                "Plan kept",
                number(len(rows) - behind),
                f"of {len(rows)} {request.tenant.partner_noun_plural}",
            ),
            Figure("Still to see", number(behind)),
        ],
    }
    return render(request, "activities/panel.html", context)


def _asked_rep(request: TenantRequest) -> Membership:
    wanted = request.GET.get("rep")
    if not wanted or not manages(request):
        require(request, Right.PANEL_KEEP)
        return request.membership
    try:
        return get_object_or_404(Membership.objects.select_related("user"), pk=UUID(wanted))
    except ValueError:
        raise Http404 from None


@page_requires(Right.ACTIVITY_MANAGE)
@require_GET
def panels(request: TenantRequest) -> HttpResponse:
    """Every rep's attainment this month."""
    return render(request, "activities/panels.html", {"rows": queries.panels(calendar.today(request.tenant))})


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def plan(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Set a partner's call plan from its row."""
    partner = get_object_or_404(Partner, pk=pk)
    require_change(request, partner.rep_id)
    form = PlanForm(request.POST)
    if form.is_valid():
        try:
            made = set_call_plan(partner=partner, **form.cleaned_data)
        except Refused as error:
            refuse(form, error)
        else:
            toast(request, f"{partner.name}: {made.plan.words}.", "The score follows.")
            return _planned(request, partner)
    if not is_htmx(request):
        toast(request, "The plan was not saved.", _first_error(form), kind="bad")
        return saved(request, _panel_url(request, partner))
    return _row(request, partner, form, status=422)


def _first_error(form: PlanForm) -> str:
    return next(str(errors[0]) for errors in form.errors.values())


def _panel_url(request: TenantRequest, partner: Partner) -> str:
    url = reverse("activities:panel", kwargs={"tenant": request.tenant.slug})
    own = allows(request, Right.PANEL_KEEP) and partner.rep_id == request.membership.pk
    return url if own else f"{url}?rep={partner.rep_id}"


def _planned(request: TenantRequest, partner: Partner) -> HttpResponse:
    if not is_htmx(request):
        return saved(request, _panel_url(request, partner))
    content = _row(request, partner, None).content.decode()
    return saved(request, "", fragments=[content])


def _row(
    request: TenantRequest, partner: Partner, form: PlanForm | None, *, status: int = 200
) -> HttpResponse:
    row: PanelRow = queries.panel_of(Partner.objects.filter(pk=partner.pk), calendar.today(request.tenant))[0]
    context: dict[str, Any] = {"row": row, "form": form, "oob": status == 200}
    return render(request, "activities/parts/panel_row.html", context, status=status)
