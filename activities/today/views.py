"""Today: whom to see, who slips, what was promised."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_POST

from activities.campaigns.counting.queries import opened_lately
from activities.market.budgets.queries import asked_of
from activities.market.news.queries import SHOWN_DAYS, news_for
from activities.plans import queries as plans_queries
from activities.plans.queries import PanelRow
from activities.plans.rules import Due, due_now
from activities.today import queries
from activities.today.rules import slip_reason
from activities.visits.models import Visit
from activities.visits.rules import Lateness, promise_lateness
from activities.visits.service import complete_step, reopen_step
from partners.alarms import queries as alarm_queries
from partners.alarms.models import OrderWatch
from partners.alarms.states import Direction
from partners.alarms.words import alarm_words, false_words
from partners.directory.models import Partner
from partners.share.queries import asked_of as estimates_asked
from partners.standing.queries import orders_by_month
from partners.timeline_entries import review_title
from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership
from prm.accounts.rights import Right, page_requires
from prm.core import calendar, clock
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant, order_nouns, orders_heading
from prm.tenancy.models import Tenant
from prm.ui import formatting
from prm.ui.export.answers import Columns, file_asked
from prm.ui.form_page import Done, act
from prm.ui.http import stay_url
from prm.ui.lists import Empty
from prm.ui.parts import Figure

DUE_SHOWN = 8
SLIPS_SHOWN = 5
PROMISES_SHOWN = 6
PROMISES_LISTED = 500
NEWS_DAYS = 7
_EVENT_ICONS = {
    "lapsed": "circle-off",
    "repeat": "circle-dot",
    "fall": "trending-down",
    "rise": "trending-up",
}


@dataclass(frozen=True, slots=True)
class DueRow:
    """One line of "Due today": a partner still to see, or one just seen (``logged``)."""

    row: PanelRow
    reason: str
    logged: Visit | None = None


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One line of "Slipping": the alarm, what may explain it, and twelve whole months for the small line."""

    row: PanelRow
    watch: OrderWatch
    words: str
    reason: str
    months: list[int]


@dataclass(frozen=True, slots=True)
class Promise:
    """One open next step and how late it is."""

    visit: Visit
    lateness: Lateness


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened to the panel lately."""

    icon: str
    words: str
    partner: Partner


@page_requires(Right.PANEL_KEEP)
@require_GET
def today(request: TenantRequest) -> HttpResponse:
    """Show the rep's day. A fixed number of queries, whatever the size of the panel."""
    return render(request, "activities/today.html", today_context(request.membership))


def today_context(member: Membership) -> dict[str, object]:
    """Return everything the page and its fragments show for one member's panel."""
    day = calendar.today(current_tenant())
    panel = plans_queries.panel_of(Partner.objects.active().filter(rep=member), day)
    ids = [row.partner.pk for row in panel]
    slips = list(alarm_queries.alarms(Direction.FALL).filter(partner_id__in=ids))
    promised = Visit.objects.filter(rep=member).promises()
    due = _due_rows(member, panel, day)
    return {
        "day": day,
        "panel_size": len(panel),
        "due": due[:DUE_SHOWN],
        "due_count": sum(row.logged is None for row in due),
        "due_more": max(0, len(due) - DUE_SHOWN),
        "slips": _slip_rows(slips[:SLIPS_SHOWN], panel, day),
        "slip_count": len(slips),
        "slip_chance": false_words(alarm_queries.seen(ids).watched),
        "figures": _figures(panel, day),
        "news": _news(panel, day),
        "asked": asked_of(member.pk),
        "totals_asked": estimates_asked(member.pk),
        "rivals": news_for(member.pk, clock.now() - timedelta(days=SHOWN_DAYS)),
        "news_since": day - timedelta(days=NEWS_DAYS),
        "empty": _empty(bool(panel), len(slips)),
    } | promises_context(promised, day)


def _due_rows(member: Membership, panel: list[PanelRow], day: date) -> list[DueRow]:
    seen = Visit.objects.filter(
        rep=member, happened_at__gte=plans_queries.start_of(day), happened_at__lt=plans_queries.end_of(day)
    )
    logged = {visit.partner_id: visit for visit in seen.order_by("happened_at")}
    by_id = {row.partner.pk: row for row in panel}
    due = [found for row in panel if row.partner.pk not in logged and (found := due_now(row.state, day))]
    rows = [DueRow(by_id[one.partner_id], one.reason) for one in sorted(due, key=_urgency)]
    done = [DueRow(by_id[pk], _logged_words(visit), visit) for pk, visit in logged.items() if pk in by_id]
    return done + rows


def _urgency(due: Due) -> tuple[float, UUID]:
    return (-due.behind, due.partner_id)


def _logged_words(visit: Visit) -> str:
    at = visit.happened_at.astimezone(plans_queries.start_of(calendar.today(current_tenant())).tzinfo)
    words = f"Logged, {at.hour}:{at.minute:02d}."
    if not visit.has_open_step:
        return words
    due = f", {formatting.day(visit.next_step_due, weekday=True)}" if visit.next_step_due else ""
    return f"{words} Next: {visit.next_step}{due}"


def _slip_rows(slips: list[OrderWatch], panel: list[PanelRow], day: date) -> list[SlipRow]:
    by_id = {row.partner.pk: row for row in panel}
    ids = [slip.partner_id for slip in slips]
    facts = queries.slip_facts(ids, by_id, day)
    months = orders_by_month(ids, calendar.add_months(day, -1), 12)
    return [
        SlipRow(
            by_id[slip.partner_id],
            slip,
            alarm_words(slip),
            slip_reason(facts[slip.partner_id], day, is_silent=not slip.now),
            months[slip.partner_id],
        )
        for slip in slips
    ]


def promises_context(promised: QuerySet[Visit], day: date) -> dict[str, object]:
    """Return the open promises, the most urgent first, and how many there are (2 queries)."""
    shown = list(promised.select_related("partner")[:PROMISES_SHOWN])
    return {
        "promises": [Promise(visit, promise_lateness(visit.next_step_due, day)) for visit in shown],
        "promise_count": promised.count(),
    }


def _figures(panel: list[PanelRow], day: date) -> list[Figure]:
    month = plans_queries.month_attainment(panel, day)
    before = f"{calendar.add_months(day, -1):%B}"
    orders = queries.recent_months([row.partner.pk for row in panel], day)
    now, then = orders.get(calendar.month_start(day), 0), orders.get(calendar.add_months(day, -1), 0)
    score, change = _score(panel)
    return [
        Figure("Visits this month", formatting.number(month.done), f"of {month.planned} planned"),
        Figure(
            "Panel score, average",
            formatting.number(score),
            "" if change is None else format_html("{} since {}", formatting.signed(change), before),
        ),
        Figure(
            f"{orders_heading()} from panel, this month",
            formatting.number(now),
            f"{formatting.number(then)} in all of {before}",
        ),
    ]


def _score(panel: list[PanelRow]) -> tuple[float | None, float | None]:
    """Show the panel's average score, and its change against the end of last month over the same partners."""
    scores = [row.standing for row in panel if row.standing and row.standing.score is not None]
    if not scores:
        return None, None
    now = sum(float(one.score or 0) for one in scores) / len(scores)
    known = [one for one in scores if one.score_month_ago is not None]
    if not known:
        return now, None
    change = sum(float(one.score or 0) - float(one.score_month_ago or 0) for one in known) / len(known)
    return now, change


def _news(panel: list[PanelRow], day: date) -> list[News]:
    since = day - timedelta(days=NEWS_DAYS)
    ids = [row.partner.pk for row in panel]
    news = []
    for review in queries.recent_reviews(ids, since):
        words = review_title(review).replace("Tier review: ", "tier ").replace("Tier", "tier")
        news.append(News("stairs", words, review.partner))
    for row in panel:
        first = row.standing.first_order_on if row.standing else None
        if first and since <= first <= day:
            news.append(News("circle-plus", f"first {order_nouns()[0]} sent, now new", row.partner))
    events = alarm_queries.events_since(plans_queries.start_of(since), partner_ids=ids)
    news += [News(_EVENT_ICONS[event.kind], event.words, event.partner) for event in events]
    for update in queries.recent_raises(ids, since):
        raised = update.new_amount - (update.old_amount or 0)
        words = f"{formatting.money(raised, update.opportunity.currency)} more expected, {update.opportunity.name}"
        news.append(News("coin", words, update.opportunity.partner))
    by_id = {row.partner.pk: row.partner for row in panel}
    for page in opened_lately(ids, since=since):
        times = {1: "once", 2: "twice"}.get(page.visits, f"{page.visits} times")
        news.append(News("click", f"opened {page.label} {times} this week", by_id[page.partner_id]))
    return news


def _empty(has_panel: bool, slips: int) -> Empty:
    nouns = current_tenant().partner_noun_plural
    if not has_panel:
        url = tenant_url(current_tenant(), "partners:list")
        return Empty(
            "No panel yet",
            f"Your panel holds the {nouns} assigned to you. A manager assigns them on the list.",
            "users",
            url,
            f"See all {nouns}",
            action_icon="users",
        )
    words = f"{slips} slipping." if slips else "Nobody is slipping either."
    return Empty("Nobody is due", words, "circle-check")


def today_fragments(request: TenantRequest) -> list[str]:
    """Return the parts of Today that a save changes, for out-of-band swaps; none behind another page."""
    if not _is_on_today(request):
        return []
    context = today_context(request.membership) | {"oob": True}
    names = ("today_figures", "today_due", "today_promises")
    return [render_to_string(f"activities/parts/{name}.html", context, request) for name in names]


def _is_on_today(request: TenantRequest) -> bool:
    """Whether the page behind this htmx request is Today."""
    path = request.htmx.current_url_abs_path or "" if request.htmx else ""
    return path.partition("?")[0] == tenant_url(request.tenant, "activities:today")


# --- promises -----------------------------------------------------------------------------------


@page_requires(Right.PANEL_KEEP)
@require_GET
def promises(request: TenantRequest) -> HttpResponseBase:
    """All open promises of the member."""
    day = calendar.today(request.tenant)
    rows = Visit.objects.filter(rep=request.membership).promises().select_related("partner")
    if file := file_asked(request, "promises", _promise_columns(request.tenant, day), rows):
        return file
    shown = [Promise(visit, promise_lateness(visit.next_step_due, day)) for visit in rows[:PROMISES_LISTED]]
    context = {"promises": shown}
    return render(request, "activities/promises.html", context)


def _promise_columns(tenant: Tenant, day: date) -> Columns[Visit]:
    return {
        "Promise": lambda visit: visit.next_step,
        tenant.partner_noun.capitalize(): lambda visit: visit.partner.name,
        "Due": lambda visit: visit.next_step_due,
        "State": lambda visit: promise_lateness(visit.next_step_due, day).words,
    }


@page_requires(Right.ACTIVITY_WRITE)
@require_POST
def step(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Tick a promise off, or take the tick back (``done=0``)."""
    visit = get_object_or_404(Visit.objects.select_related("partner"), pk=pk)
    url = tenant_url(request.tenant, "activities:step", pk=visit.pk)
    here = stay_url(request, tenant_url(request.tenant, "activities:today"))

    def work() -> Done:
        if request.POST.get("done") == "0":
            reopen_step(visit=visit)
            return Done(here, "Promise open again.", visit.next_step, fragments=today_fragments(request))
        complete_step(visit=visit)
        undo = {"done": "0", "next": here}
        return Done(
            here,
            "Done.",
            visit.next_step,
            undo_url=url,
            undo_fields=undo,
            fragments=today_fragments(request),
        )

    return act(request, work, stay_url=here)
