"""States of a question to a rep for an estimate."""

from django.db.models import TextChoices


class RequestState(TextChoices):
    """What became of the question; only OPEN ones stand on somebody's Today."""

    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    UNKNOWN = "unknown", "Cannot say"
    WITHDRAWN = "withdrawn", "Taken back"
