"""The kinds of order sources."""

from django.db import models


class SourceKind(models.TextChoices):
    """Through which door a source's orders come."""

    FILE = "file", "Files (CSV, XLSX)"
    REST = "rest", "REST"
