"""What this app tells in the digest: promises, visits that are due, budgets asked about, and news of the competition."""

from collections.abc import Sequence
from uuid import UUID

from activities.market.budgets.queries import asked_of
from activities.market.news.models import MarketNews
from activities.market.news.queries import news_for, news_since
from activities.market.news.states import NewsKind
from activities.plans.queries import panel_of
from activities.plans.rules import due_now
from activities.visits.models import Visit
from activities.visits.rules import promise_lateness
from activities.visits.service import complete_step
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.digest.lines.registry import Act, Asked, Asking, Line, Topic
from prm.tenancy.context import current_tenant
from prm.tenancy.tenant import partner_nouns
from prm.ui.formatting import day, money, plural

KEPT = "promise-kept"


def _promises(asking: Asking) -> Sequence[Line]:
    """Return what the member promised by today and has not done, the most urgent first; each can be ticked off."""
    due = Visit.objects.filter(rep=asking.member).promises().filter(next_step_due__lte=asking.day)
    return [
        Line(
            visit.next_step,
            f"Promised to {visit.partner.name}, {promise_lateness(visit.next_step_due, asking.day).words.lower()}.",
            visit.partner.get_absolute_url(),
            act=(KEPT, visit.pk),
            mark=str(visit.pk),
        )
        for visit in due.select_related("partner")[:100]
    ]


def _ask_promise(member: Membership, visit_id: UUID) -> Asked | None:
    visit = (
        Visit.objects.filter(pk=visit_id, rep=member).exclude(next_step="").select_related("partner").first()
    )
    if visit is None:
        return None
    promised = f"Promised to {visit.partner.name} on {day(visit.happened_at)}."
    return Asked(visit.next_step, promised, is_done=visit.next_step_done_at is not None)


def _keep_promise(member: Membership, visit_id: UUID) -> None:
    complete_step(visit=Visit.objects.select_for_update(of=("self",)).get(pk=visit_id, rep=member))


def _visits(asking: Asking) -> Sequence[Line]:
    """Return whom of the own panel is to be seen by the call plans, the furthest behind first."""
    panel = panel_of(Partner.objects.active().filter(rep=asking.member), asking.day)
    names = {row.partner.pk: row.partner for row in panel}
    due = [found for row in panel if (found := due_now(row.state, asking.day))]
    return [
        Line(
            names[one.partner_id].name,
            one.reason,
            names[one.partner_id].get_absolute_url(),
            mark=str(one.partner_id),
        )
        for one in sorted(due, key=lambda one: (-one.behind, one.partner_id))
    ]


def _budgets(asking: Asking) -> Sequence[Line]:
    """Return opportunities whose budget somebody asked the member about."""
    tenant = current_tenant()
    return [
        Line(
            f"{found.name}, {found.partner.name}",
            f"Is {money(found.amount, found.currency)} still right?",
            tenant_url(tenant, "activities:opportunity", pk=found.pk),
            mark=str(found.pk),
        )
        for found in asked_of(asking.member.pk)
    ]


def _rivals(asking: Asking) -> Sequence[Line]:
    """Return news of the competition: to managers all, to a rep what concerns their partners."""
    manages = asking.may(Right.ACTIVITY_MANAGE)
    found = news_since(asking.since) if manages else news_for(asking.member.pk, asking.since)
    return [_rival(news) for news in found if news.at < asking.until]


def _rival(news: MarketNews) -> Line:
    if news.kind == NewsKind.NEAR:
        words = f"New near {plural(news.count, *partner_nouns())} in {news.words}."
    else:
        words = f"{news.count} losses in a month for one reason: {news.words}."
    path = tenant_url(current_tenant(), "activities:card", pk=news.competitor_id)
    return Line(news.competitor.name, words, path, mark=str(news.pk))


TOPICS = [
    Topic(
        key="promises",
        label="What you promised",
        nouns=lambda: ("promise due", "promises due"),
        right=Right.PANEL_KEEP,
        url_name="activities:promises",
        find=_promises,
        order=5,
    ),
    Topic(
        key="visits-due",
        label="Visits that are due",
        nouns=lambda: ("visit due", "visits due"),
        right=Right.PANEL_KEEP,
        url_name="activities:today",
        find=_visits,
        order=25,
    ),
    Topic(
        key="budgets-asked",
        label="Budgets you were asked about",
        nouns=lambda: ("budget to confirm", "budgets to confirm"),
        right=Right.ACTIVITY_WRITE,
        url_name="activities:opportunities",
        find=_budgets,
        order=15,
    ),
    Topic(
        key="competition",
        label="News of the competition",
        nouns=lambda: ("piece of news of the competition", "pieces of news of the competition"),
        right=Right.ACTIVITY_VIEW,
        url_name="activities:competition",
        find=_rivals,
        is_news=True,
        order=40,
    ),
]
ACTS = [
    Act(
        key=KEPT,
        label="Done",
        right=Right.ACTIVITY_WRITE,
        ask=_ask_promise,
        do=_keep_promise,
    )
]
