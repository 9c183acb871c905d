"""What an own field holds."""

from django.db import models


class FieldType(models.TextChoices):
    """The type of an own field; it stays as it was made."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CHOICE = "choice", "Choice"
