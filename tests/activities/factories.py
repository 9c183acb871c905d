"""One maker per thing of this app, through its services; every value can be given."""

from datetime import timedelta
from decimal import Decimal

from activities.market.budgets.service import OpportunityInput, create_opportunity
from activities.market.competition.service import InsightInput, add_insight
from activities.visits.service import VisitInput, log_visit
from partners.directory.service import create_partner
from prm.core import calendar, clock
from prm.tenancy.context import current_tenant


def partner(name="Dr. Elena Marchetti", rep=None, **details):
    return create_partner(name=name, kind=details.pop("kind", "physician"), rep=rep, **details)


def visit_input(**details):
    values = {"channel": "in_person", "happened_at": clock.now(), "purpose": "relationship"}
    return VisitInput(**(values | details))


def visit(partner, rep, *, visit_id=None, insight=None, budget=None, days_ago=0, **details):
    details.setdefault("happened_at", clock.now() - timedelta(days=days_ago))
    return log_visit(
        partner=partner,
        rep=rep,
        details=visit_input(**details),
        insight=insight,
        budget=budget,
        visit_id=visit_id,
    ).visit


def insight_input(**details):
    return InsightInput(**({"competitor": "St. Brendan", "outcome": "lost"} | details))


def insight(partner, rep, **details):
    return add_insight(partner=partner, rep=rep, insight=insight_input(**details))


def opportunity(
    partner, owner=None, *, name="Echo lab, Q1", amount=Decimal(90_000), days=90, at=None, **details
):
    close = calendar.today(current_tenant()) + timedelta(days=days)
    return create_opportunity(
        partner=partner,
        owner=owner,
        details=OpportunityInput(name=name, amount=Decimal(amount), close_date=close, **details),
        at=at,
    )
