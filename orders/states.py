"""The states of an order and of an import run, and what counts."""

from django.db import models


class OrderState(models.TextChoices):
    """How far an order has come. A source without a state column sends completed orders."""

    RECEIVED = "received", "Received"
    SCHEDULED = "scheduled", "Scheduled"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


#: What the ordering side still waits for.
OPEN_STATES = (OrderState.RECEIVED, OrderState.SCHEDULED)


class RunState(models.TextChoices):
    """How far an import has come. Only a run that is done has changed any order."""

    PREVIEW = "preview", "Waiting for your look"
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Stopped"


ACTIVE_RUNS = (RunState.QUEUED, RunState.RUNNING)


class RejectState(models.TextChoices):
    """What became of a line that could not be stored."""

    OPEN = "open", "Open"
    CORRECTED = "corrected", "Corrected"
    DISMISSED = "dismissed", "Dismissed"


class SourceKind(models.TextChoices):
    """Through which door a source's orders come."""

    FILE = "file", "Files (CSV, XLSX)"
    REST = "rest", "REST"
