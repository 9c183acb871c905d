"""The closed vocabularies of this app: channels, purposes, outcomes, stages and states."""

from django.db.models import TextChoices


class Channel(TextChoices):
    """How a rep met a partner."""

    IN_PERSON = "in_person", "In person"
    PHONE = "phone", "Phone"
    VIDEO = "video", "Video"
    EMAIL = "email", "E-mail"


class Purpose(TextChoices):
    """Why a rep met a partner; ``OTHER`` comes with words of the rep's own."""

    SERVICE_ISSUE = "service_issue", "Service issue"
    NEW_CAPABILITY = "new_capability", "New capability"
    RELATIONSHIP = "relationship", "Relationship"
    OUTCOME_REVIEW = "outcome_review", "Outcome review"
    OTHER = "other", "Other"


class Outcome(TextChoices):
    """Who got the business an insight is about, seen from our side."""

    LOST = "lost", "They won"
    WON = "won", "We won"
    OBSERVED = "observed", "Heard of"


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
