"""The coin: pure functions.

A coin is a hash of the wave's seed and the partner's id, so that whoever knows the seed can toss it again and gets the same side: what is
stored can be proved. All people of a partner have their partner's coin.
"""

import hashlib
from typing import Final
from uuid import UUID

SIDES: Final = 2**60
MOST_LINKS: Final = 40


def toss(seed: str, partner_id: UUID) -> int:
    """Return where a partner's coin falls, 0 to `SIDES` - 1, all alike likely: the first 60 bits of a SHA-256."""
    return int(hashlib.sha256(f"{seed}{partner_id}".encode()).hexdigest()[:15], 16)


def bound(percent: int) -> int:
    """Return below what a coin holds out, so that `percent` in a hundred do."""
    return -(-percent * SIDES // 100)


def is_held_out(seed: str, partner_id: UUID, percent: int) -> bool:
    """Whether the coin holds a partner out, with a chance of `percent` in a hundred."""
    return toss(seed, partner_id) < bound(percent)
