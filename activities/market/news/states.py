"""Kinds of news."""

from django.db.models import TextChoices


class NewsKind(TextChoices):
    """What happened."""

    NEAR = "near", "A new competitor near"
    LOSSES = "losses", "Losses for one reason"
