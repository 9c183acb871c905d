"""The states of an import run."""

from django.db import models


class RunState(models.TextChoices):
    """How far an import has come. Only a run that is done has changed any order."""

    READING = "reading", "Being read"
    PREVIEW = "preview", "Waiting for your look"
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Stopped"
    TAKEN_BACK = "taken_back", "Taken back"


ACTIVE_RUNS = (RunState.QUEUED, RunState.RUNNING)
# Before anybody has decided to import them.
UNDECIDED = (RunState.READING, RunState.PREVIEW)
