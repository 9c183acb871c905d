"""What is stored with a standing, said in sentences."""

from datetime import date
from decimal import Decimal

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.standing import registry
from partners.standing.registry import Facts
from partners.standing.rules import exit_below
from partners.states import Ruling, Tier
from prm.tenancy.context import order_nouns
from prm.tenancy.models import Tenant
from prm.ui.formatting import day, money, month


def label_of(key: str) -> str:
    """Return the heading of a component; one that no app brings any more is named by its key."""
    component = registry.component(key)
    return component.label if component else key.replace("_", " ").capitalize()


def explain(part: Facts, tenant: Tenant) -> str:
    """Say one component's facts as a sentence; facts of a version that is gone say so."""
    component = registry.component(part["key"])
    if component is None:
        return "No longer part of the score"
    try:
        return component.explain(part["facts"], tenant)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        # Stored by an older version whose facts this sentence does not know; tonight's run renews it.
        return "Explained after the next nightly run"


def proposal_sentence(proposal: Facts, partner: Partner, policy: StandingPolicy, tenant: Tenant) -> str:
    """Say why the rules propose for a partner what they propose."""
    if not policy.is_confirmed:
        return "No tier yet: nobody has confirmed tier bands. A manager does so under Tier policy."
    if not proposal:
        return f"No tier yet: it comes with the first {order_nouns()[1]}."
    revenue = money(Decimal(proposal["revenue"]), tenant)
    period = f"{proposal['months']} months to {month(date.fromisoformat(proposal['to']), year=True)}"
    ruling, band = Ruling(proposal["rule"]), Tier(proposal["band"])
    if ruling == Ruling.SAME:
        return f"{revenue} in {period}: {Tier.word_of(band)} by the rules as well."
    if ruling == Ruling.HYSTERESIS:
        leave = money(exit_below(Tier(partner.tier), policy.rules), tenant)
        return f"{revenue} in {period}: below the band, but not below {leave}, so it stays."
    rises = ruling == Ruling.RAISE or (ruling == Ruling.STAY and band.rank > Tier.rank_of(partner.tier))
    threshold = money(Decimal(proposal["threshold"]) if proposal["threshold"] else None, tenant)
    sentence = f"{'Above' if rises else 'Below'} {threshold}: {revenue} in {period}."
    if ruling == Ruling.STAY:
        needed = f"{policy.minimum_stay_months} months needed"
        return f"{sentence} Waits: in this tier since {day(partner.tier_since)}, {needed}."
    return sentence
