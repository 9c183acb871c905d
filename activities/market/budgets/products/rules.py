"""How the parts of an amount follow it: a pure function."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final, TypeVar

K = TypeVar("K")
CENT: Final = Decimal("0.01")


def scaled(parts: Mapping[K, Decimal], total: Decimal) -> dict[K, Decimal]:
    """Return parts that add up to `total` to the cent, in the proportion of those given; of nothing, equal ones.

    Each is rounded down, and the cents left over go to those that lost most by it, of equals to the first.
    """
    if not parts:
        return {}
    whole = sum(parts.values())
    shares = {key: total * amount / whole if whole else total / len(parts) for key, amount in parts.items()}
    down = {key: share.quantize(CENT, rounding=ROUND_DOWN) for key, share in shares.items()}
    left = int((total - sum(down.values())) / CENT)
    lost_most = sorted(down, key=lambda key: down[key] - shares[key])
    for place in range(left):
        down[lost_most[place % len(lost_most)]] += CENT
    return down
