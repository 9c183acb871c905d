"""How tier, level and score are drawn in a line; the tags of `{% load partners %}` are the same functions."""

from django.utils.safestring import SafeString

from partners.states import Level, Tier
from prm.ui.components import EMPTY, bars, rating, ring

SHAPES = {Level.PROSPECT: "dashed", Level.NEW: "half", Level.REPEAT: "full", Level.LAPSED: "struck"}

score = rating


def tier(value: str | None, label: str = "") -> SafeString:
    """Return three rising bars and the word; an en dash when no tier is in force yet."""
    return bars(Tier.rank_of(value), label or Tier(value).label) if value in Tier.values else EMPTY


def level(value: str | None, label: str = "") -> SafeString:
    """Return the relationship's circle and the word; an en dash for an unknown level."""
    return ring(SHAPES[Level(value)], label or Level(value).label) if value in Level.values else EMPTY
