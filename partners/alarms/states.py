"""What can be told of a partner's orders, and in which direction an alarm points."""

from django.db import models

from prm.tenancy.context import said_of_orders


class Watching(models.TextChoices):
    """Whether a partner's orders can be watched."""

    WATCHED = "watched", "Watched"
    RARE = "rare", said_of_orders("Too few {orders} to see a halving within a year")
    YOUNG = "young", "Not long enough here"
    SILENT = "silent", "Sends nothing"


class Direction(models.TextChoices):
    """Where orders went, where an alarm stands."""

    FALL = "fall", "Slipping"
    RISE = "rise", "Rising"
