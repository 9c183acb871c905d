"""The bar of a preview: how a file's orders split, as geometry for the template."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.runs.preview import Share

WIDTH = 1000
_GAP = 4
# No part that exists is narrower than this, so that a single reject is seen.
_LEAST = 6


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the bar, in units of a view box 1000 wide."""

    key: str
    x: float
    width: float


def bar_of(shares: Sequence[Share]) -> list[Part]:
    """Return the parts of the bar; nothing for a file without anything in it."""
    shown = [share for share in shares if share.count]
    total = sum(share.count for share in shown)
    if not total:
        return []
    room = WIDTH - _GAP * (len(shown) - 1)
    widths = [max(_LEAST, room * share.count / total) for share in shown]
    scale = room / sum(widths)
    parts, x = [], 0.0
    for share, width in zip(shown, widths, strict=True):
        parts.append(Part(share.key, round(x, 1), round(width * scale, 1)))
        x += width * scale + _GAP
    return parts
