"""The states of a sample."""

from django.db import models


class SampleState(models.TextChoices):
    """How far a sample has come; one that was used or thrown away is gone."""

    READING = "reading", "Being read"
    READY = "ready", "Waiting for your look"
    BROKEN = "broken", "Cannot be taken"
