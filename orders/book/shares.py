"""What the parts of a shared order come to: the rule of the largest remainder. Pure; the import does the same in SQL."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Final

#: What the parts of an order make together, in per cent.
WHOLE: Final = Decimal(100)


def parts_of(amount: Decimal, percents: Sequence[Decimal], places: int) -> list[Decimal]:
    """Return the parts of an amount by per cent (which make 100, the largest first); their sum is the amount.

    Each part is rounded down to the smallest money (`places` decimals). What is left goes, one unit each, to those
    that lost most by it, of equals to the larger and then the earlier. What is smaller than any money (an amount of
    three decimals) goes to the largest part. Negative amounts are shared as if they were positive.
    """
    unit = Decimal(1).scaleb(-places)
    size = abs(amount)
    whole = size.quantize(unit, ROUND_FLOOR)
    exact = [whole * percent / WHOLE for percent in percents]
    parts = [part.quantize(unit, ROUND_FLOOR) for part in exact]
    left = int((whole - sum(parts)) / unit)
    by_loss = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], -percents[at], at))
    for at in by_loss[:left]:
        parts[at] += unit
    if parts:
        parts[max(range(len(parts)), key=lambda at: (percents[at], -at))] += size - whole
    return [-part if amount < 0 else part for part in parts]
