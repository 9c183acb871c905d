"""The states of bringing a list, and what may come of a row."""

from django.db import models


class RunState(models.TextChoices):
    """How far a list has come. From `RUNNING` on rows may have been written."""

    READING = "reading", "Being read"
    COLUMNS = "columns", "Waiting for its columns"
    PREVIEW = "preview", "Waiting for your look"
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Stopped"
    RETURNING = "returning", "Being taken back"
    TAKEN_BACK = "taken_back", "Taken back"


ACTIVE = (RunState.QUEUED, RunState.RUNNING, RunState.RETURNING)
# Before anybody has decided to write them.
UNDECIDED = (RunState.READING, RunState.COLUMNS, RunState.PREVIEW)


class Outcome(models.TextChoices):
    """What a row does, or would do. `LEFT` is what nobody has decided, once its run is over."""

    NEW = "new", "New"
    CERTAIN = "certain", "Certain, updated"
    DECIDE = "decide", "To decide"
    UNCHANGED = "unchanged", "Already so"
    REJECTED = "rejected", "Rejected"

    @classmethod
    def writing(cls) -> tuple["Outcome", ...]:
        """Return those that write something."""
        return cls.NEW, cls.CERTAIN


#: The decision that a row is to be left out.
LEAVE = "leave"
