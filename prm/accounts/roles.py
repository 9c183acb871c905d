"""The four roles a member can have."""

from django.db import models


class Role(models.TextChoices):
    """What a member is to the tenant; ``permissions.py`` says what each may do."""

    ADMINISTRATOR = "administrator", "Administrator"
    MANAGER = "manager", "Manager"
    REP = "rep", "Rep"
    PARTNER = "partner", "Partner"
