"""How many kinds a tenant has, and how long their keys are (`prm.core.ids`)."""

from typing import Final

from prm.core.ids import LONGEST_KEY, is_key, key_for

__all__ = ["LONGEST_KEY", "MOST", "is_key", "key_for"]

MOST: Final = 40
"""Most kinds of a tenant: more are tags, and no list to choose from."""
