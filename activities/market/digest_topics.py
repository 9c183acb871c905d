"""What the market tells in the digest: budgets asked about, and news of the competition."""

from collections.abc import Sequence

from activities.market.budgets.queries import asked_of
from activities.market.news.models import MarketNews
from activities.market.news.queries import news_for, news_since
from activities.market.news.states import NewsKind
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.tenancy.context import current_tenant, partner_nouns
from prm.ui.formatting import money, plural


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
ACTS: list[Act] = []
