"""The kinds of background work."""

from enum import Enum

from django.db import models


class Queue(models.TextChoices):
    """Which workers do it. Each has threads of its own, so that one kind never waits for another."""

    INTERACTIVE = "interactive", "What follows an edit"
    IMPORTS = "imports", "Files: previews and imports"
    SYNC = "sync", "Salesforce"
    NIGHTLY = "nightly", "Everybody's figures, by night"


class Size(models.IntegerChoices):
    """Small work overtakes large work: only so many large pieces run at once (`rules.large_at_once`)."""

    SMALL = 1, "Small"
    LARGE = 2, "Large"


class Slice(Enum):
    """How a slice of work ended."""

    DONE = "done"
    # There is more: others have their turn first, and what is left counts as large.
    MORE = "more"
