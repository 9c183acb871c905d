"""Where a review of a quarter stands."""

from django.db import models


class CycleState(models.TextChoices):
    """From opening to force; a cycle that is signed but not in force yet can be opened again."""

    OPEN = "open", "Being decided"
    SIGNED_ONCE = "once", "Waits for a second signature"
    SIGNED = "signed", "Signed"
    IN_FORCE = "in_force", "In force"


UNSETTLED = (CycleState.OPEN, CycleState.SIGNED_ONCE)
"""States in which decisions are not final; at most one cycle of a tenant is in one of them."""
REOPENS = (CycleState.SIGNED_ONCE, CycleState.SIGNED)
EDITABLE = (CycleState.OPEN,)


class LetterState(models.TextChoices):
    """How far a letter is; nothing where nobody asked for it."""

    ASKED = "asked", "On its way"
    SENT = "sent", "Sent"
    FAILED = "failed", "The mail server did not take it"
