"""Stages and states of opportunities."""

from django.db.models import TextChoices


class Stage(TextChoices):
    """How far an open opportunity has come."""

    PROSPECTING = "prospecting", "Prospecting"
    QUALIFICATION = "qualification", "Qualification"
    PROPOSAL = "proposal", "Proposal"
    NEGOTIATION = "negotiation", "Negotiation"


class OpportunityState(TextChoices):
    """Whether an opportunity is still expected, came true, or went elsewhere."""

    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"
