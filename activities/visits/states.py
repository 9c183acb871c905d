"""Channels and purposes of visits."""

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
