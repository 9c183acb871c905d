"""The models of this app's rooms, imported for Django to find."""

from activities.market.budgets.models import BudgetUpdate, Opportunity, OpportunityOrder, OpportunityWord
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.cards.models import BattleLine
from activities.market.competition.models import Insight, InsightDifferentiator
from activities.market.names.models import Competitor, Differentiator
from activities.market.news.models import MarketNews
from activities.plans.models import CallPlan
from activities.visits.models import Visit, VisitValue

__all__ = [
    "BattleLine",
    "BudgetUpdate",
    "CallPlan",
    "Competitor",
    "Differentiator",
    "Insight",
    "InsightDifferentiator",
    "MarketNews",
    "Opportunity",
    "OpportunityOrder",
    "OpportunityProduct",
    "OpportunityWord",
    "Visit",
    "VisitValue",
]
