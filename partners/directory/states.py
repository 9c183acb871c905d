"""The kinds of partners."""

from django.db import models


class Kind(models.TextChoices):
    """What sort of partner this is; a policy marks kinds as regulated."""

    PHYSICIAN = "physician", "Physician"
    PRACTICE = "practice", "Practice"
    HOSPITAL = "hospital", "Hospital"
    AGENT = "agent", "Agent"
    AGENCY = "agency", "Agency"
    DEALER = "dealer", "Dealer"
