"""What this app tells on a partner's timeline: visits, insights, budgets, and opportunities won and lost."""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.presentation import budget_change
from activities.market.budgets.states import OpportunityState
from activities.market.competition.models import Insight
from activities.market.competition.states import Outcome
from activities.rights import manages
from activities.visits.models import Visit
from activities.visits.rules import promise_lateness
from activities.visits.states import Channel
from partners.directory.models import Partner
from partners.directory.timeline import Entry, MayChange, TimelineSource, day_words, moment_of
from prm.accounts.rights import Right
from prm.core import calendar, clock
from prm.core.urls import tenant_url
from prm.ownfields.values import own_line
from prm.tenancy.audit import TenantEvent, gone, was
from prm.tenancy.context import current_actor, current_tenant
from prm.ui.formatting import day, money
from prm.ui.parts import Item

UNDO_FOR = timedelta(minutes=30)
ICONS = {Channel.IN_PERSON: "walk", Channel.PHONE: "phone", Channel.VIDEO: "video", Channel.EMAIL: "mail"}
TITLES = {
    Channel.IN_PERSON: "Visit",
    Channel.PHONE: "Phone call",
    Channel.VIDEO: "Video call",
    Channel.EMAIL: "E-mail",
}
OUTCOMES = {Outcome.LOST: "lost to", Outcome.WON: "won against", Outcome.OBSERVED: "heard of"}
NOTE_KINDS = {"late": "bad", "today": "warn", "later": ""}


def _url(name: str, pk: UUID) -> str:
    return tenant_url(current_tenant(), f"activities:{name}", pk=pk)


def _visits(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    rows = Visit.objects.filter(partner=partner).with_people().prefetch_related("own_values")[:most]
    return [Entry(visit.happened_at, _visit_item(visit, may_change)) for visit in rows]


def _visit_item(visit: Visit, may_change: MayChange) -> Item:
    mine = may_change(visit.rep_id)
    fresh = clock.now() - visit.created_at < UNDO_FOR
    note, kind = _promise(visit)
    return Item(
        icon=ICONS[Channel(visit.channel)],
        title=f"{TITLES[Channel(visit.channel)]}{_with(visit)}: {_purpose(visit)}",
        when=day_words(visit.happened_at),
        text="\n".join(filter(None, (visit.learned, own_line("visit", visit)))),
        note=note,
        note_kind=kind,
        url=_url("visit", visit.pk) if mine else "",
        undo_url=_url("visit-remove", visit.pk) if mine and fresh else "",
    )


def _with(visit: Visit) -> str:
    return f" with {visit.met.name}" if visit.met else ""


def _purpose(visit: Visit) -> str:
    """Return the purpose inside a title: our words in lower case, the rep's own as they are."""
    return visit.purpose_other or visit.purpose_words.lower()


def _promise(visit: Visit) -> tuple[str, str]:
    if not visit.next_step:
        return "", ""
    if visit.next_step_done_at is not None:
        return f"Promised and done: {visit.next_step}", "good"
    lateness = promise_lateness(visit.next_step_due, calendar.today(current_tenant()))
    words = lateness.words if lateness.kind == "later" else lateness.words.lower()
    return f"Promised: {visit.next_step} ({words})", NOTE_KINDS[lateness.kind]


def _insights(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    rows = Insight.objects.filter(partner=partner).with_details()[:most]
    return [Entry(moment_of(row.happened_on, row.created_at), _insight_item(row, may_change)) for row in rows]


def _insight_item(insight: Insight, may_change: MayChange) -> Item:
    reasons = [row.differentiator.name for row in insight.differentiators.all()]
    because = f"Because of {', '.join(reasons)}." if reasons else ""
    amount = f"{money(insight.amount, current_tenant())} at stake." if insight.amount is not None else ""
    return Item(
        icon="swords",
        title=f"Insight: {OUTCOMES[Outcome(insight.outcome)]} {insight.competitor.name}",
        when=day_words(moment_of(insight.happened_on, insight.created_at)),
        text=" ".join(filter(None, (insight.note, because, amount))),
        url=_url("insight", insight.pk) if may_change(insight.rep_id) else "",
    )


def _budgets(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    rows = (
        BudgetUpdate.objects.filter(opportunity__partner=partner)
        .select_related("opportunity")
        .order_by("-at", "-id")[:most]
    )
    return [Entry(row.at, _budget_item(row)) for row in rows]


def _budget_item(update: BudgetUpdate) -> Item:
    title, figures = budget_change(update)
    text = f"{update.opportunity.name}: {figures}"
    return Item(
        icon="coin",
        title=title,
        when=day_words(update.at),
        text=f"{text}. {update.note}" if update.note else text,
        url=_url("opportunity", update.opportunity_id),
    )


def _gone_visits(partner: Partner) -> QuerySet[TenantEvent]:
    return _of_viewer(gone(Visit), partner)


def _gone_insights(partner: Partner) -> QuerySet[TenantEvent]:
    """Insights that were taken back alone; those of a visit come back with it."""
    alone = _of_viewer(gone(Insight), partner)
    return alone.exclude(
        visit_id__in=gone(Visit).filter(partner_id=partner.pk).order_by().values("pgh_obj_id")
    )


def _of_viewer(events: QuerySet[TenantEvent], partner: Partner) -> QuerySet[TenantEvent]:
    """Keep what was the viewer's own; who manages activities sees everybody's."""
    mine = events.filter(partner_id=partner.pk)
    return mine if manages() else mine.filter(rep_id=current_actor().member_id)


def _taken_back(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    visits = [
        _gone_entry(event, "visit", f"{TITLES[Channel(row.channel)]} of {day_words(row.happened_at)}")
        for event in _gone_visits(partner)[:most]
        for row in [was(Visit, event)]
    ]
    insights = [
        _gone_entry(event, "insight", f"Insight of {day(was(Insight, event).happened_on)}")
        for event in _gone_insights(partner)[:most]
    ]
    told = sorted([*visits, *insights], key=lambda entry: entry.at, reverse=True)
    return told[:most]


def _gone_entry(event: TenantEvent, kind: str, what: str) -> Entry:
    item = Item(
        icon="arrow-back-up",
        title=f"{what} taken back",
        when=day_words(event.pgh_created_at),
        undo_url=_url(f"{kind}-restore", event.pgh_obj_id)
        if current_actor().may(Right.ACTIVITY_WRITE)
        else "",
    )
    return Entry(event.pgh_created_at, item)


def _closings(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    entries = []
    for row in _closed(partner).order_by("-closed_at")[:most]:
        if row.closed_at is None:
            continue
        won = row.state == OpportunityState.WON
        item = Item(
            icon="trophy" if won else "flag-off",
            title="Opportunity won" if won else "Opportunity lost",
            when=day_words(row.closed_at),
            text=f"{row.name}: {money(row.amount, row.currency)}",
            url=_url("opportunity", row.pk),
        )
        entries.append(Entry(row.closed_at, item))
    return entries


def _closed(partner: Partner) -> QuerySet[Opportunity]:
    return Opportunity.objects.filter(partner=partner).exclude(state=OpportunityState.OPEN)


ENTRIES = [
    TimelineSource("visits", 10, _visits, lambda partner: Visit.objects.filter(partner=partner).count()),
    TimelineSource(
        "insights", 20, _insights, lambda partner: Insight.objects.filter(partner=partner).count()
    ),
    TimelineSource(
        "budgets",
        30,
        _budgets,
        lambda partner: BudgetUpdate.objects.filter(opportunity__partner=partner).count(),
    ),
    TimelineSource(
        "taken-back",
        50,
        _taken_back,
        lambda partner: _gone_visits(partner).count() + _gone_insights(partner).count(),
    ),
    TimelineSource("closings", 40, _closings, lambda partner: _closed(partner).count()),
]
