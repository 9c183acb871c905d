"""What a pipeline of budgets counts: plain numbers in, plain numbers out."""

from decimal import Decimal

STAGE_WEIGHTS = {"prospecting": 10, "qualification": 10, "proposal": 75, "negotiation": 90}
"""Per cent of an amount that counts by its stage: the probabilities Salesforce gives its standard stages."""


def weighted(amount: Decimal, stage: str) -> Decimal:
    """Return the part of an amount that counts by its stage, to the cent."""
    return (amount * STAGE_WEIGHTS.get(stage, 0) / 100).quantize(Decimal("0.01"))


PIPELINE_SHARE = 0.25
"""Open budget worth a quarter of a year's revenue earns half of the pipeline component."""

RAISE_WEIGHT = 0.2
"""How much of the component a doubling (or a collapse) of the budgets in the last 90 days is worth."""


def pipeline(*, expected: Decimal, raised: Decimal, revenue: Decimal, floor: Decimal) -> float:
    """Return how promising the open budgets are, 0 to 1.

    ``expected`` is the sum of the open amounts, ``raised`` the net change of those amounts in the last 90
    days, ``revenue`` the trailing twelve months, ``floor`` the least revenue to compare with (so that a
    prospect's first small opportunity is not worth everything). All in the tenant's currency.
    The budgets are weighed against :data:`PIPELINE_SHARE` of the revenue with diminishing returns, and
    moved by up to :data:`RAISE_WEIGHT` in the direction of the recent changes.
    """
    if expected <= 0:
        return 0.0
    scale = PIPELINE_SHARE * float(max(revenue, floor, Decimal(1)))
    base = float(expected) / (float(expected) + scale)
    momentum = min(1.0, max(-1.0, float(raised) / float(expected)))
    return min(1.0, max(0.0, base + RAISE_WEIGHT * momentum))
