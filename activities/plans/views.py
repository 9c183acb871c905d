"""My panel with its call plans, every rep's panel for managers, and the choice of whom a form is about."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from activities.plans import queries, tables
from activities.plans.forms import PartnerSearchForm, PlanForm
from activities.plans.queries import PanelRow
from activities.plans.rules import due_now
from activities.plans.service import set_call_plan
from activities.rights import manages
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership
from prm.accounts.rights import Right, allows, page_requires, require
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.ui.export.answers import file_asked
from prm.ui.form_page import refuse
from prm.ui.formatting import number
from prm.ui.http import is_htmx, saved
from prm.ui.parts import Figure
from prm.ui.toasts import toast

SUGGESTED = 12

TenantView = Callable[[TenantRequest], HttpResponseBase]
PartnerView = Callable[[TenantRequest, Partner | None], HttpResponseBase]


@page_requires(Right.PANEL_KEEP, Right.ACTIVITY_MANAGE)
@require_GET
def panel(request: TenantRequest) -> HttpResponseBase:
    """Attainment per partner; a manager may look at (and plan) anybody's with ``?rep=``."""
    rep = _asked_rep(request)
    day = calendar.today(request.tenant)
    rows = queries.panel_of(Partner.objects.active().filter(rep=rep), day)
    rows.sort(key=lambda row: (row.missing == 0, -row.missing, row.partner.name))
    if file := file_asked(request, f"panel of {rep.user}", tables.panel(request.tenant), rows):
        return file
    month = queries.month_attainment(rows, day)
    behind = sum(row.missing > 0 for row in rows)
    context = {
        "rep": rep,
        "mine": rep == request.membership,
        "rows": rows,
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
    if not wanted or not manages():
        require(request, Right.PANEL_KEEP)
        return request.membership
    try:
        return get_object_or_404(Membership.objects.select_related("user"), pk=UUID(wanted))
    except ValueError:
        raise Http404 from None


@page_requires(Right.ACTIVITY_MANAGE)
@require_GET
def panels(request: TenantRequest) -> HttpResponseBase:
    """Every rep's attainment this month."""
    rows = queries.panels(calendar.today(request.tenant))
    if file := file_asked(request, "panels", tables.panels(request.tenant), rows):
        return file
    return render(request, "activities/panels.html", {"rows": rows})


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def plan(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Set a partner's call plan from its row."""
    partner = get_object_or_404(Partner, pk=pk)
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
    url = tenant_url(request.tenant, "activities:panel")
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
    context = {"row": row, "form": form, "oob": status == 200}
    return render(request, "activities/parts/panel_row.html", context, status=status)


# --- whom a form is about -----------------------------------------------------------------------


def asked_partner(request: TenantRequest) -> Partner | None:
    """Return the partner of `?partner=`, None without; 404 for one that is not there."""
    wanted = request.GET.get("partner")
    if not wanted:
        return None
    try:
        return get_object_or_404(Partner.objects.select_related("standing"), pk=UUID(wanted))
    except ValueError:
        raise Http404 from None


def about_partner(title: str, question: str) -> Callable[[PartnerView], TenantView]:
    """Hand a form's view the partner of `?partner=`, and without one ask first whom it is about.

    A POST without one reaches the view: its form names the partner.
    """

    def decorate(view: PartnerView) -> TenantView:
        @wraps(view)
        def asking(request: TenantRequest) -> HttpResponseBase:
            partner = asked_partner(request)
            if partner is None and request.method == "GET":
                require(request, Right.ACTIVITY_WRITE)
                return _choose_partner(request, title, question)
            return view(request, partner)

        return asking

    return decorate


def _choose_partner(request: TenantRequest, title: str, question: str) -> HttpResponse:
    """Offer one's own partners, those due first, or what a search finds; each leads on with `?partner=`."""
    form = PartnerSearchForm(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    active = Partner.objects.active()
    day = calendar.today(request.tenant)
    if text:
        matching = active.matching(text).order_by("name", "pk").values_list("pk", flat=True)[:SUGGESTED]
        rows = queries.panel_of(active.filter(pk__in=list(matching)), day)
    else:
        mine = queries.panel_of(active.filter(rep=request.membership), day)
        rows = sorted(mine, key=lambda row: due_now(row.state, day) is None)[:SUGGESTED]
    context = {
        "form": form,
        "text": text,
        "rows": rows,
        "title": title,
        "question": question,
        "next": request.GET.get("next", ""),
    }
    return render(request, "activities/choose.html", context)
