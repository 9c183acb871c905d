"""The states of a rejected line."""

from django.db import models


class RejectState(models.TextChoices):
    """What became of a line that could not be stored."""

    OPEN = "open", "Open"
    CORRECTED = "corrected", "Corrected"
    DISMISSED = "dismissed", "Dismissed"
    SUPERSEDED = "superseded", "Sent again right"
