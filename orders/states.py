"""The states of an order, and what counts."""

from django.db import models


class OrderState(models.TextChoices):
    """How far an order has come. A source without a state column sends completed orders."""

    RECEIVED = "received", "Received"
    SCHEDULED = "scheduled", "Scheduled"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


#: What the ordering side still waits for.
OPEN_STATES = (OrderState.RECEIVED, OrderState.SCHEDULED)
