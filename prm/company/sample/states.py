"""How far sample data has come, or gone."""

from django.db import models


class SampleState(models.TextChoices):
    """What is happening with it."""

    FILLING = "filling", "Being filled"
    FILLED = "filled", "Filled"
    REMOVING = "removing", "Being removed"
    FAILED = "failed", "Failed"


UNDER_WAY = (SampleState.FILLING, SampleState.REMOVING)
