"""Doors and acts, with their words."""

from django.db import models


class Door(models.TextChoices):
    """By which way a change came; the values are those of `prm.tenancy.audit.DoorOf`."""

    PAGE = "page", "Page"
    API = "api", "API"
    IMPORT = "import", "Import"
    SALESFORCE = "salesforce", "Salesforce"
    TASK = "task", "Background work"
    COMMAND = "command", "Command"
    OTHER = "other", "Elsewhere"

    @property
    def icon(self) -> str:
        """Return its icon."""
        return _ICONS[self.value]


class Act(models.TextChoices):
    """What became of a row; the values are the labels of its events."""

    ADDED = "insert", "Added"
    CHANGED = "update", "Changed"
    REMOVED = "delete", "Removed"


_ICONS = {
    "page": "app-window",
    "api": "api",
    "import": "file-import",
    "salesforce": "cloud",
    "task": "clock",
    "command": "terminal-2",
    "other": "help",
}
