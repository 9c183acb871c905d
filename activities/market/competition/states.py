"""How a case against a competitor ended, who says so, and how sure that is."""

from django.db.models import TextChoices


class Outcome(TextChoices):
    """Who got the business an insight is about, seen from our side."""

    LOST = "lost", "They won"
    WON = "won", "We won"
    OBSERVED = "observed", "Heard of"


class Source(TextChoices):
    """Who says what an insight says."""

    PARTNER = "partner", "They told us"
    SEEN = "seen", "Seen ourselves"
    WRITTEN = "written", "In writing"
    PUBLIC = "public", "Press or website"
    HEARSAY = "hearsay", "Somebody else"


class Confidence(TextChoices):
    """How sure whoever noted an insight is of it."""

    SURE = "sure", "Sure"
    LIKELY = "likely", "Likely"
    RUMOUR = "rumour", "A rumour"
