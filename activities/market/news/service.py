"""Finding news of the competition."""

from django.db import transaction

from activities.market.news.models import MarketNews
from activities.market.news.queries import losses, near
from prm.core import calendar
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@requires()
@transaction.atomic
def look() -> int:
    """Note what is new in the tenant in scope and was not told before; return how many there are.

    What was told stays told: the same losses found again, or two workers at once, make no second row.
    """
    today = calendar.today(current_tenant())
    before = MarketNews.objects.count()
    MarketNews.objects.bulk_create([*losses(today), *near(today)], ignore_conflicts=True)
    return MarketNews.objects.count() - before
