"""Win ratios with their intervals: plain numbers in, plain numbers out."""

import math
from dataclasses import dataclass

WILSON_Z = 1.645
"""90 % interval; `effectiveness.md` section 10 measured its coverage at .90 to .98 for 1 to 100 cases."""

FEWEST_DECISIONS = 5
"""Below this many decided cases a win ratio is "too few" (`effectiveness.md` section 10)."""


@dataclass(frozen=True, slots=True)
class WinRatio:
    """Won and decided cases with Wilson's 90 % interval; all three shares lie in 0 to 1."""

    won: int
    decided: int
    low: float
    centre: float
    high: float

    @property
    def is_told(self) -> bool:
        """Return whether there are enough decided cases to speak of a ratio."""
        return self.decided >= FEWEST_DECISIONS


def wilson(won: int, decided: int, z: float = WILSON_Z) -> WinRatio:
    """Return Wilson's score interval for ``won`` of ``decided`` cases (``effectiveness.md`` section 10).

    The centre is ``(won + z²/2) / (decided + z²)``: few cases are drawn towards even. Without any case the
    interval is 0 to 1. Raises ValueError unless 0 ≤ won ≤ decided.
    """
    if not 0 <= won <= decided:
        raise ValueError(f"{won} won of {decided} decided cases")
    square = z * z
    centre = (won + square / 2) / (decided + square)
    spread = (
        z / (decided + square) * math.sqrt(won * (decided - won) / decided + square / 4) if decided else 0.5
    )
    return WinRatio(won, decided, max(0.0, centre - spread), centre, min(1.0, centre + spread))
