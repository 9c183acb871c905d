"""Tiers and levels: their words and their order."""

from django.db import models


class Tier(models.TextChoices):
    """Value of the relationship by trailing revenue."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Level(models.TextChoices):
    """Where the relationship stands."""

    PROSPECT = "prospect", "Prospect"
    NEW = "new", "New"
    REPEAT = "repeat", "Repeat"
    LAPSED = "lapsed", "Lapsed"
