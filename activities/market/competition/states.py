"""How a case against a competitor ended."""

from django.db.models import TextChoices


class Outcome(TextChoices):
    """Who got the business an insight is about, seen from our side."""

    LOST = "lost", "They won"
    WON = "won", "We won"
    OBSERVED = "observed", "Heard of"
