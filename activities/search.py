"""What can be found in this app: opportunities, by their own name and by their partner's."""

from urllib.parse import quote

from activities.market.budgets.models import Opportunity
from activities.market.budgets.queries import opportunities_by_words
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.search.registry import MOST_COUNTED, Asked, Found, Hit, HitAction, SearchSource
from prm.tenancy.context import current_tenant
from prm.ui.formatting import day, money


def find_opportunities(asked: Asked) -> Found:
    """Find opportunities by words of their name: open ones first, then those that bring most."""
    rows = opportunities_by_words(asked.words, most=MOST_COUNTED)
    rows.sort(key=lambda row: (not row.is_open, -row.amount, row.name, row.pk))
    return Found([_hit(row) for row in rows[: asked.most]], len(rows))


def _hit(found: Opportunity) -> Hit:
    return Hit(
        title=found.name,
        url=tenant_url(current_tenant(), "activities:opportunity", pk=found.pk),
        id=str(found.pk),
        detail=f"{found.partner.name} · {found.get_state_display().lower()}",
        aside=f"{money(found.amount, found.currency)} by {day(found.close_date)}",
    )


def opportunities_list(text: str) -> str:
    """Return the list of opportunities of every state, filtered by a text."""
    return f"{tenant_url(current_tenant(), 'activities:opportunities')}?show=all&q={quote(text)}"


SEARCHES = [
    SearchSource(
        key="opportunities",
        label="Opportunities",
        icon="target-arrow",
        right=Right.ACTIVITY_VIEW,
        find=find_opportunities,
        everything=opportunities_list,
        order=40,
    )
]

ACTIONS = [
    HitAction(
        key="log-visit",
        on="partners",
        words="Log visit with",
        icon="plus",
        right=Right.ACTIVITY_WRITE,
        url=lambda hit: f"{tenant_url(current_tenant(), 'activities:log')}?partner={hit.id}",
        in_sheet=True,
        order=10,
    )
]
