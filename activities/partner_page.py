"""What this app puts on a partner's page: visits, news, its forms and the timeline."""

from datetime import date

from activities.market.cards.queries import card_links
from activities.market.competition.queries import heard_of
from activities.plans.queries import end_of, plans_in_force, start_of, visits_done
from activities.plans.rules import PERIOD_WORDS
from activities.visits.queries import visit_moments
from activities.visits.states import Channel
from partners.directory.models import Partner
from partners.profiles.parts import Action, Fragment, Marks, PagePart
from prm.core import calendar
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui import charts, components
from prm.ui.parts import Figure

NEWS_LENGTH = 40


def figures(partner: Partner, on: date) -> list[Figure]:
    """Visits done and planned in the block of the partner's call plan, and battle cards of whom one meets there (5 queries)."""
    plans = plans_in_force({partner.pk: partner.tier}, on)
    plan, done = plans[partner.pk], visits_done(plans, on)[partner.pk].now
    found = []
    if plan.visits or done:
        drawn = components.dots(done, plan.visits, "visits", words=True)
        found.append(Figure(f"Visits this {PERIOD_WORDS[plan.months]}", html=drawn))
    if rivals := card_links(partner):
        found.append(Figure("Up against", html=components.links(rivals)))
    return found


def marks(partner: Partner, first: date, last: date) -> Marks:
    """Every visit as a dot, hollow unless in person; what was heard of the competition as an event (2 queries)."""
    tenant = current_tenant()
    dots = [
        charts.Dot(calendar.local_date(tenant, at), channel == Channel.IN_PERSON, channel.label)
        for at, channel in visit_moments(partner, since=start_of(first), end=end_of(last))
    ]
    events = [
        charts.Event(on, _news(competitor, note))
        for on, competitor, note in heard_of(partner, first=first, last=last)
    ]
    return Marks(dots, events, _key(dots, events))


def _news(competitor: str, note: str) -> str:
    """Return the competitor and the beginning of what was heard, short enough for a chart."""
    words = note.partition("\n")[0].partition(". ")[0].rstrip(".")
    if not words:
        return competitor
    if len(words) > NEWS_LENGTH:
        words = f"{words[:NEWS_LENGTH].rsplit(' ', 1)[0]}…"
    return words if competitor in words else f"{competitor}: {words}"


def _key(dots: list[charts.Dot], events: list[charts.Event]) -> list[tuple[str, str]]:
    key = []
    if any(dot.filled for dot in dots):
        key.append(("dot", "In person"))
    if any(not dot.filled for dot in dots):
        key.append(("ring", "Remote"))
    return [*key, ("event", "Competition")] if events else key


def actions(partner: Partner) -> list[Action]:
    """Return the forms of this app about the partner."""
    return [
        Action("Log visit", "plus", _form("log", partner), "L", primary=True),
        Action("Add insight", "swords", _form("insight-add", partner), "I"),
        Action("Add opportunity", "target-arrow", _form("opportunity-add", partner), "O"),
    ]


def fragments(partner: Partner) -> list[Fragment]:
    """Return the beginning of the partner's timeline."""
    return [Fragment("Timeline", _form("timeline", partner))]


def _form(name: str, partner: Partner) -> str:
    return f"{tenant_url(current_tenant(), f'activities:{name}')}?partner={partner.pk}"


PARTS = [
    PagePart(key="activities", figures=figures, marks=marks, actions=actions, fragments=fragments),
]
