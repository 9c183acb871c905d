"""API of activities: the same services and permissions as the pages.

``PUT`` to an id of the caller's own making creates once and replaces afterwards, so that sending again is
harmless; ``POST`` with an ``id`` answers 201 the first time and 200 with the first result afterwards.
"""

from rest_framework.routers import SimpleRouter

from activities.market.board.api import urlpatterns as board_urls
from activities.market.budgets.api import BudgetUpdateViewSet, OpportunityViewSet
from activities.market.competition.api import InsightViewSet
from activities.market.forecast.api import urlpatterns as forecast_urls
from activities.market.names.api import CompetitorViewSet, DifferentiatorViewSet
from activities.overview.api import urlpatterns as overview_urls
from activities.plans.api import CallPlanViewSet
from activities.visits.api import VisitViewSet

router = SimpleRouter(use_regex_path=False)


for prefix, viewset in (
    ("visits", VisitViewSet),
    ("insights", InsightViewSet),
    ("opportunities", OpportunityViewSet),
    ("budget-updates", BudgetUpdateViewSet),
    ("call-plans", CallPlanViewSet),
    ("competitors", CompetitorViewSet),
    ("differentiators", DifferentiatorViewSet),
):
    router.register(prefix, viewset, basename=f"api-{prefix}")


urlpatterns = [*router.urls, *overview_urls, *board_urls, *forecast_urls]
