"""The quick log, corrections, undo, and what a visit did to the score."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.market.budgets.forms import BudgetForm
from activities.market.budgets.models import Opportunity
from activities.market.cards.queries import card_links
from activities.market.competition.forms import InsightForm
from activities.plans import queries
from activities.plans.queries import PanelRow
from activities.quick_log.forms import LogForm, VisitForm
from activities.rights import may_change_opportunity, require_change
from activities.today.views import today_fragments
from activities.visits.models import Visit
from activities.visits.service import Logged, change_visit, log_visit, remove_visit, restore_visit
from partners.directory.models import Partner
from partners.standing.rules import whole
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core import calendar
from prm.core.days import BadDay, parse_local
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.audit import is_known
from prm.ui import formatting
from prm.ui.fields import FormOptions
from prm.ui.form_page import Done, act, form_page, leave, refuse
from prm.ui.formatting import plural, signed
from prm.ui.http import back_url, invalid, stay_url

LOG_TEMPLATE = "activities/log.html"
POLLS = 5


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def log(request: TenantRequest, partner: Partner | None) -> HttpResponse:
    """Log a visit with what came out of it: one form."""
    if request.method == "POST" or partner is None:
        return _save_log(request)
    form = LogForm(initial=LogForm.fresh(partner))
    context = _context(request, partner, form) | _parts(request, partner).context()
    return render(request, LOG_TEMPLATE, {"form": form, **context})


def _open_ones(request: TenantRequest, partner: Partner) -> list[Opportunity]:
    open_ones = Opportunity.objects.open().filter(partner=partner).select_related("partner")
    rows = open_ones.order_by("close_date", "pk")
    return [row for row in rows if may_change_opportunity(row)]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The two optional parts of the form; untouched ones are not validated."""

    insight_form: InsightForm
    budget_form: BudgetForm
    rivals: list[tuple[str, str]]

    def are_valid(self) -> bool:
        """Validate both, so that both say what is wrong."""
        return all([self.insight_form.is_valid(), self.budget_form.is_valid()])

    def context(self) -> dict[str, object]:
        """Return what the page shows of them."""
        count = len(self.budget_form.open_ones)
        note = f"{count} open" if count else "optional"
        return {
            "insight_form": self.insight_form,
            "budget_form": self.budget_form,
            "budget_note": note,
            "rivals": self.rivals,
        }


def _parts(request: TenantRequest, partner: Partner, data: QueryDict | None = None) -> _Parts:
    common: FormOptions = {"data": data, "empty_permitted": True, "use_required_attribute": False}
    insight: FormOptions = {**common, "prefix": "insight"}
    budget: FormOptions = {**common, "prefix": "budget"}
    budgets = BudgetForm(open_ones=_open_ones(request, partner), **budget)
    return _Parts(InsightForm(**insight), budgets, card_links(partner) if data is None else [])


def _context(
    request: TenantRequest, partner: Partner | None, form: VisitForm, *, save_label: str = "Save visit"
) -> dict[str, object]:
    return {
        "partner": partner,
        "standing": getattr(partner, "standing", None) if partner else None,
        "when": _when_words(request, form),
        "save_label": save_label,
        "cancel_url": partner.get_absolute_url() if partner else "",
        "next": back_url(request, ""),
        "action": request.get_full_path(),
        "nav_key": "today",
    }


def _when_words(request: TenantRequest, form: VisitForm) -> str:
    """Show the moment in the form, in short: "today, 9:40". Empty while it cannot be read."""
    typed = form["happened_at"].value()
    try:
        moment = parse_local(str(typed), request.tenant.timezone) if typed else None
    except BadDay:
        return ""
    if moment is None:
        return ""
    today = calendar.today(request.tenant)
    day = "today" if moment.date() == today else formatting.day(moment.date())
    return f"{day}, {moment.hour}:{moment.minute:02d}"


def _save_log(request: TenantRequest) -> HttpResponse:
    form = LogForm(request.POST)
    form_ok = form.is_valid()
    partner = form.cleaned_data.get("partner")
    if partner is None:
        form.add_error(None, f"There is no such {request.tenant.partner_noun} here. Choose again.")
        return invalid(request, LOG_TEMPLATE, {"form": form, **_context(request, None, form)})
    parts = _parts(request, partner, request.POST)
    insight_form, budget_form = parts.insight_form, parts.budget_form
    again = {"form": form, **_context(request, partner, form), **parts.context()}
    if not all([form_ok, parts.are_valid()]):
        return invalid(request, LOG_TEMPLATE, again)
    try:
        logged = log_visit(
            partner=partner,
            rep=request.membership,
            details=form.details(),
            insight=insight_form.insight() if insight_form.has_changed() else None,
            budget=budget_form.budget() if budget_form.has_changed() else None,
            visit_id=form.cleaned_data["visit_id"],
            own=form.own_values(),
        )
    except Refused as error:
        _refuse(error, form, insight_form, budget_form)
        return invalid(request, LOG_TEMPLATE, again)
    return leave(request, _logged(request, logged))


def _refuse(error: Refused, form: LogForm, insight_form: InsightForm, budget_form: BudgetForm) -> None:
    """Hand a refusal to the part of the form that it is about."""
    part, _, field = (error.field or "").partition(".")
    target = {"insight": insight_form, "budget": budget_form}.get(part)
    if target is None:
        refuse(form, error)
    else:
        refuse(target, Refused(error.message, field=field or None, code=error.code))


def _logged(request: TenantRequest, logged: Logged) -> Done:
    visit = logged.visit
    stay = stay_url(request, visit.partner.get_absolute_url())
    title = f"Visit with {visit.partner.name} saved." if logged.created else "This visit was saved before."
    return Done(
        stay,
        title,
        effect_html(request, visit, effect_of(request, visit), 0),
        undo_url=tenant_url(request.tenant, "activities:visit-remove", pk=visit.pk),
        undo_fields={"next": stay},
        fragments=today_fragments(request),
    )


# --- the effect on the score --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effect:
    """What a visit did so far: the score before and now, and whether the new one is there."""

    row: PanelRow
    before: int | None
    now: int | None
    ready: bool


def effect_of(request: TenantRequest, visit: Visit) -> Effect:
    """Return the effect of a visit on its partner, as far as it is computed."""
    partners = Partner.objects.filter(pk=visit.partner_id)
    row = queries.panel_of(partners, calendar.today(request.tenant))[0]
    standing = row.standing
    before = None if visit.score_before is None else whole(visit.score_before)
    now = None if standing is None or standing.score is None else whole(standing.score)
    # The worker's clock may run behind this machine's, so another score is a sign as well.
    ready = standing is not None and (standing.computed_at >= visit.created_at or now != before)
    return Effect(row, before, now, ready)


def effect_html(request: TenantRequest, visit: Visit, found: Effect, poll: int) -> SafeString:
    """Return the effect for the visit's toast; it asks again each second until the score is there."""
    told = found.ready and found.before is not None and found.now is not None
    context = {
        "visit": visit,
        "effect": found,
        "visits": _visits_words(found.row),
        "settled": found.ready or poll >= POLLS,
        "change": signed((found.now or 0) - (found.before or 0)) if told else "",
        "poll": poll + 1,
    }
    return SafeString(render_to_string("activities/parts/effect.html", context, request))  # nosec B703 # a template that escapes


def _visits_words(row: queries.PanelRow) -> str:
    """Return ``3 of 4 visits this month``; "" where none are planned."""
    planned = row.plan.visits
    return f"{row.done.now} of {planned} visits this {row.period_word}" if planned else ""


@page_requires(Right.ACTIVITY_WRITE)
@require_GET
def effect(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show the fragment that a toast polls for; with the new score comes the row of Today."""
    asked = request.GET.get("poll", "")
    visit = Visit.objects.filter(pk=pk).first()
    if visit is None and asked:
        # Undone while its toast was asking: nothing follows any more.
        return HttpResponse()
    if visit is None:
        raise Http404
    found = effect_of(request, visit)
    content = effect_html(
        request, visit, found, int(asked) if asked.isdecimal() and len(asked) == 1 else POLLS
    )
    parts = today_fragments(request) if found.ready else []
    return HttpResponse("".join([content, *parts]))


# --- corrections --------------------------------------------------------------------------------


@page_requires(Right.ACTIVITY_WRITE)
@require_http_methods(["GET", "POST"])
def visit(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Correct a visit. Reps their own, managers all."""
    found = get_object_or_404(Visit.objects.select_related("partner__standing", "rep__user"), pk=pk)
    require_change(found.rep_id)
    form = VisitForm(
        request.POST or None, partner_id=found.partner_id, initial=VisitForm.initial_of(found), visit_id=pk
    )

    def save() -> Done:
        was_kept = found.next_step_done_at is not None
        change_visit(visit=found, details=form.details(), own=form.own_values())
        stay = stay_url(request, found.partner.get_absolute_url())
        is_reopened = was_kept and found.has_open_step
        return Done(
            stay,
            "Visit corrected. What is promised now is open." if is_reopened else "Visit corrected.",
            found.partner.name,
        )

    context = _context(request, found.partner, form, save_label="Save correction") | {"visit": found}
    return form_page(request, form, LOG_TEMPLATE, context, save=save)


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def visit_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a visit back with its insight and budget update."""
    found = get_object_or_404(Visit.objects.select_related("partner"), pk=pk)
    partner = found.partner
    remove_visit(visit=found, by=request.membership)
    fragments = today_fragments(request)
    stay = stay_url(request, partner.get_absolute_url())
    return leave(
        request,
        Done(
            stay,
            "Visit taken back.",
            partner.name,
            undo_url=tenant_url(request.tenant, "activities:visit-restore", pk=pk),
            undo_fields={"next": stay},
            fragments=fragments,
        ),
    )


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def visit_restore(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Bring a visit back that was taken back: from the toast, or from the timeline however much later."""
    here = stay_url(request, back_url(request, tenant_url(request.tenant, "activities:today")))
    if not is_known(Visit, pk):
        raise Http404

    def work() -> Done:
        restored = restore_visit(visit_id=pk, by=request.membership)
        partner = restored.visit.partner
        stayed = f"{plural(restored.budgets_left, 'budget')} left as changed since."
        words = f"{partner.name}. {stayed}" if restored.budgets_left else partner.name
        stay = stay_url(request, partner.get_absolute_url())
        return Done(stay, "The visit is back.", words)

    return act(request, work, stay_url=here, refused_title="The visit did not come back.")
