"""The figures of a standing policy, for the pure functions that apply them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Rules:
    """By what level and tier are judged. Bands are half-open: high is [high_from, ∞).

    Amounts in the tenant's currency. trailing_months: what a tier is judged by. hysteresis_pct: how far
    below its band, in per cent, a tier is kept. repeat: orders in `repeat_k` of `repeat_n` months.
    lapse_months: the window of new and lapsed.
    """

    high_from: Decimal
    medium_from: Decimal
    trailing_months: int = 12
    hysteresis_pct: Decimal = Decimal(5)
    minimum_stay_months: int = 6
    repeat_k: int = 3
    repeat_n: int = 6
    lapse_months: int = 6
