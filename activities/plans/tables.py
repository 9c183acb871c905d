"""Columns of a panel, and of every rep's, as files."""

from decimal import Decimal

from activities.plans.queries import PanelRow, RepRow
from partners.standing.rules import whole
from prm.tenancy.models import Tenant
from prm.ui.export.answers import Columns
from prm.ui.export.cells import Ratio


def panel(tenant: Tenant) -> Columns[PanelRow]:
    """Return the columns of one panel, in the tenant's words."""
    return {
        tenant.partner_noun.capitalize(): lambda row: row.partner.name,
        "Specialty": lambda row: row.partner.specialty,
        "Tier": lambda row: row.partner.get_tier_display(),
        "Score": _score,
        "Visits": lambda row: row.done.now,
        "Planned": lambda row: row.plan.visits,
        "Last visit": lambda row: row.last_visit_on,
        "Call plan": lambda row: row.plan.words,
    }


def _score(row: PanelRow) -> int | None:
    score = row.standing.score if row.standing else None
    return None if score is None else whole(score)


def panels(tenant: Tenant) -> Columns[RepRow]:
    """Return the columns of every rep's panel, in the tenant's words."""
    return {
        "Rep": lambda row: row.rep.user,
        tenant.partner_noun_plural.capitalize(): lambda row: row.partners,
        "Visits this month": lambda row: row.month.done,
        "Planned": lambda row: row.month.planned,
        "Attained": lambda row: None if row.month.share is None else Ratio(row.month.share),
        "Plan kept": lambda row: row.complete,
        "Still to see": lambda row: row.behind,
        "Score, average": lambda row: None if row.score is None else whole(Decimal(row.score)),
    }
