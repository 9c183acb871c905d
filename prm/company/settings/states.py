"""How far a change has come."""

from django.db import models


class ChangeState(models.TextChoices):
    """Whether a change holds."""

    WAITS = "waits", "Being worked out"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
