"""A partner's story, newest first: visits, insights, budgets, tier reviews and what was ordered.

Five sources, each read with one query for a page, so that the cost does not grow with the story.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.urls import reverse

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.states import OpportunityState
from activities.market.competition.models import Insight
from activities.market.competition.states import Outcome
from activities.today.rules import promise_lateness
from activities.visits.models import Visit
from activities.visits.states import Channel
from orders.book.models import Order
from partners.directory.models import Partner
from partners.reviews.models import TierReview
from prm.accounts.models import Membership
from prm.core import calendar, clock
from prm.tenancy.context import current_tenant
from prm.ui import formatting
from prm.ui.timeline import Item

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


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: their membership, and whether they may change everybody's activities."""

    member_id: UUID | None
    manages: bool

    def may_change(self, rep_id: UUID | None) -> bool:
        """Whether what ``rep_id`` has logged opens for correction."""
        return self.manages or (rep_id is not None and rep_id == self.member_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """A timeline item with the moment it is sorted by."""

    at: datetime
    item: Item


@dataclass(frozen=True, slots=True)
class Story:
    """One page of a partner's story and how long the whole is."""

    items: Sequence[Item]
    total: int


Source = Callable[[Partner, Viewer, int], list[Entry]]


def story(partner: Partner, viewer: Viewer, *, start: int, length: int) -> Story:
    """Return ``length`` items from ``start`` on (0 is the newest) and the number of all."""
    sources: tuple[Source, ...] = (_visits, _insights, _budgets, _closings, _reviews, _orders)
    entries = [entry for source in sources for entry in source(partner, viewer, start + length)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return Story([entry.item for entry in entries[start : start + length]], _total(partner))


def _total(partner: Partner) -> int:
    counted: Iterable[QuerySet[Any]] = (
        Visit.objects.filter(partner=partner),
        Insight.objects.filter(partner=partner),
        BudgetUpdate.objects.filter(opportunity__partner=partner),
        Opportunity.objects.filter(partner=partner).exclude(state=OpportunityState.OPEN),
        TierReview.objects.filter(partner=partner),
        _order_weeks(partner),
    )
    return sum(rows.count() for rows in counted)


def _when(moment: datetime) -> str:
    """The day in the tenant's zone, with its weekday within the last week."""
    day = calendar.local_date(current_tenant(), moment)
    recent = 0 <= (calendar.today(current_tenant()) - day).days < 7
    return formatting.day(day, weekday=recent)


def _url(name: str, pk: UUID) -> str:
    return reverse(f"activities:{name}", kwargs={"tenant": current_tenant().slug, "pk": pk})


def person(member: Membership | None) -> str:
    """Return "R. Alvarez" for Ruth Alvarez; nothing for nobody."""
    words = str(member.user).split() if member else []
    return f"{words[0][0]}. {words[-1]}" if len(words) > 1 else " ".join(words)


def _visits(partner: Partner, viewer: Viewer, most: int) -> list[Entry]:
    rows = Visit.objects.filter(partner=partner).with_people()[:most]
    return [Entry(visit.happened_at, _visit_item(visit, viewer)) for visit in rows]


def _visit_item(visit: Visit, viewer: Viewer) -> Item:
    mine = viewer.may_change(visit.rep_id)
    fresh = clock.now() - visit.created_at < UNDO_FOR
    note, kind = _promise(visit)
    return Item(
        icon=ICONS[Channel(visit.channel)],
        title=f"{TITLES[Channel(visit.channel)]}: {_purpose(visit)}",
        when=_when(visit.happened_at),
        text=visit.learned,
        note=note,
        note_kind=kind,
        url=_url("visit", visit.pk) if mine else "",
        undo_url=_url("visit_remove", visit.pk) if mine and fresh else "",
    )


def _purpose(visit: Visit) -> str:
    """The purpose inside a title: our words in lower case, the rep's own as they are."""
    return visit.purpose_other or visit.purpose_words.lower()


def _promise(visit: Visit) -> tuple[str, str]:
    if not visit.next_step:
        return "", ""
    if visit.next_step_done_at is not None:
        return f"Promised and done: {visit.next_step}", "good"
    lateness = promise_lateness(visit.next_step_due, calendar.today(current_tenant()))
    words = lateness.words if lateness.kind == "later" else lateness.words.lower()
    return f"Promised: {visit.next_step} ({words})", NOTE_KINDS[lateness.kind]


def _insights(partner: Partner, viewer: Viewer, most: int) -> list[Entry]:
    rows = Insight.objects.filter(partner=partner).with_details()[:most]
    return [Entry(_noon(row.happened_on, row.created_at), _insight_item(row, viewer)) for row in rows]


def _noon(day: date, made: datetime) -> datetime:
    """A moment to sort a day by: when it was written, if that was the same day, else its noon."""
    if calendar.local_date(current_tenant(), made) == day:
        return made
    return datetime.combine(day, time(12), ZoneInfo(current_tenant().timezone))


def _insight_item(insight: Insight, viewer: Viewer) -> Item:
    reasons = [row.differentiator.name for row in insight.differentiators.all()]
    because = f"Because of {', '.join(reasons)}." if reasons else ""
    amount = (
        f"{formatting.money(insight.amount, current_tenant())} at stake."
        if insight.amount is not None
        else ""
    )
    return Item(
        icon="swords",
        title=f"Insight: {OUTCOMES[Outcome(insight.outcome)]} {insight.competitor.name}",
        when=_when(_noon(insight.happened_on, insight.created_at)),
        text=" ".join(filter(None, (insight.note, because, amount))),
        url=_url("insight", insight.pk) if viewer.may_change(insight.rep_id) else "",
    )


def _budgets(partner: Partner, viewer: Viewer, most: int) -> list[Entry]:
    rows = (
        BudgetUpdate.objects.filter(opportunity__partner=partner)
        .select_related("opportunity")
        .order_by("-at", "-id")[:most]
    )
    return [Entry(row.at, _budget_item(row)) for row in rows]


def budget_change(update: BudgetUpdate) -> tuple[str, str]:
    """Return what a budget update did, as a title and a sentence's worth of figures."""
    currency = update.opportunity.currency
    new = formatting.money(update.new_amount, currency)
    due = formatting.day(update.new_close)
    if update.old_amount is None:
        return "Opportunity opened", f"{new} for {due}"
    if update.old_amount == update.new_amount:
        return "Date moved", f"{formatting.day(update.old_close)} → {due}"
    verb = "raised" if update.new_amount > update.old_amount else "lowered"
    title = "Budget taken back" if update.reverses_id else f"Budget {verb}"
    return title, f"{formatting.money(update.old_amount, currency)} → {new}"


def _budget_item(update: BudgetUpdate) -> Item:
    title, figures = budget_change(update)
    text = f"{update.opportunity.name}: {figures}"
    return Item(
        icon="coin",
        title=title,
        when=_when(update.at),
        text=f"{text}. {update.note}" if update.note else text,
        url=_url("opportunity", update.opportunity_id),
    )


def _closings(partner: Partner, viewer: Viewer, most: int) -> list[Entry]:
    closed = Opportunity.objects.filter(partner=partner).exclude(state=OpportunityState.OPEN)
    entries = []
    for row in closed.order_by("-closed_at")[:most]:
        if row.closed_at is None:
            continue
        won = row.state == OpportunityState.WON
        item = Item(
            icon="trophy" if won else "flag-off",
            title="Opportunity won" if won else "Opportunity lost",
            when=_when(row.closed_at),
            text=f"{row.name}: {formatting.money(row.amount, row.currency)}",
            url=_url("opportunity", row.pk),
        )
        entries.append(Entry(row.closed_at, item))
    return entries


REVIEWS = {
    TierReview.Decision.INITIAL: "First tier: {tier}",
    TierReview.Decision.ACCEPT: "Tier review: now {tier}",
    TierReview.Decision.HOLD: "Tier review: held at {tier}",
    TierReview.Decision.OVERRIDE: "Tier review: set to {tier}",
    TierReview.Decision.UNDO: "Tier review undone: back to {tier}",
}


def _reviews(partner: Partner, viewer: Viewer, most: int) -> list[Entry]:
    rows = (
        TierReview.objects.filter(partner=partner)
        .select_related("signed_by__user")
        .order_by("-signed_at")[:most]
    )
    return [Entry(_noon(row.effective_on, row.signed_at), review_item(row)) for row in rows]


def review_item(review: TierReview) -> Item:
    """Return a tier decision as an item: what was decided, by whom and why."""
    tier = review.decided_tier or review.from_tier or "no tier"
    who = person(review.signed_by)
    why = f"“{review.reason}”" if review.reason else ""
    return Item(
        icon="stairs",
        title=REVIEWS[TierReview.Decision(review.decision)].format(tier=tier),
        when=_when(_noon(review.effective_on, review.signed_at)),
        text=f"{who}: {why}" if who and why else (why or who),
    )


def _order_weeks(partner: Partner) -> QuerySet[Order, Any]:
    """One row per week of the tenant's calendar and currency with orders that count."""
    zone = ZoneInfo(current_tenant().timezone)
    weeks: QuerySet[Order, Any] = (
        Order.objects.counted()
        .filter(partner=partner)
        .annotate(week=TruncWeek("placed_at", tzinfo=zone))
        .values("week", "currency")
        .annotate(orders=Count("pk"), amount=Sum("amount"), first=Min("placed_at"), last=Max("placed_at"))
        .order_by("-week")
    )
    return weeks


def _orders(partner: Partner, viewer: Viewer, most: int) -> list[Entry]:
    entries = []
    for row in _order_weeks(partner)[:most]:
        noun = formatting.plural(row["orders"], "order")
        title = f"{noun}, {formatting.money(row['amount'], row['currency'])}"
        item = Item(icon="package", title=title, when=_span(row["first"], row["last"]))
        entries.append(Entry(row["last"], item))
    return entries


def _span(first: datetime, last: datetime) -> str:
    """Return "19–21 Nov", or one day."""
    tenant = current_tenant()
    start, end = calendar.local_date(tenant, first), calendar.local_date(tenant, last)
    if start == end:
        return formatting.day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{formatting.day(end)}"
    return f"{formatting.day(start)} – {formatting.day(end)}"
