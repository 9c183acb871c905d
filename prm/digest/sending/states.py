"""What became of a digest."""

from django.db.models import TextChoices


class MailState(TextChoices):
    """What became of the digest of a day."""

    CLAIMED = "claimed", "Being sent"
    SENT = "sent", "Sent"
    NOTHING = "nothing", "Nothing to tell"
    SAME = "same", "The same as before"
    FAILED = "failed", "Not sent"
