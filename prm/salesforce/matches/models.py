"""One record there and whom of ours it may be."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.core.clock import now
from prm.tenancy.base import TenantModel

RULE = "Stopped by a duplicate rule of the organisation"
"""The doubt of what Salesforce itself holds for a duplicate."""


TAKEN_BACK = "Its link was taken back"
"""The doubt of what was linked and is not any more: a person decides it, whatever a reading says."""


class Match(TenantModel):
    """A record in Salesforce (`sf_id`) beside the records here that it may be.

    `seen` is what it says of itself, by clue, `values` what it holds in mapped fields; `key` what our external id field holds there, "" for nothing.
    `candidates` are records here with id, name and reason, the likeliest first; `record_id` the one that is meant, or
    was chosen. `doubt` groups what is to be decided. `before` is the state that *undo* puts back, `batch` what was
    decided together. `written` is what we wrote there since it is linked: the value before our first write and after the
    last one, by field. `made_here`: the record here was made of the one there.
    """

    class State(models.TextChoices):
        CERTAIN = "certain", "Certain"
        OPEN = "open", "To decide"
        LATER = "later", "Decided later"
        CHOSEN = "chosen", "Linked at the start"
        APART = "apart", "Kept apart"
        NEW = "new", "New there"
        LINKED = "linked", "Linked"
        UNDOING = "undoing", "Being taken back"

    mapping = models.CharField(max_length=64)
    sf_id = models.CharField(max_length=18)
    name = models.CharField(max_length=255, blank=True)
    owner = models.CharField(max_length=121, blank=True)
    seen = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    key = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=8, choices=State)
    doubt = models.CharField(max_length=80, blank=True)
    record_id = models.UUIDField(null=True)
    record_name = models.CharField(max_length=255, blank=True)
    reason = models.TextField(blank=True)
    candidates = models.JSONField(default=list)
    read_at = models.DateTimeField(default=now)
    decided_by = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    before = models.CharField(max_length=8, blank=True)
    batch = models.UUIDField(null=True)
    written = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    made_here = models.BooleanField(db_default=False, default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "mapping", "sf_id"], name="salesforce_match_there"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state", "doubt", "name", "id"], name="salesforce_match_state"),
            models.Index(fields=["tenant", "record_id"], name="salesforce_match_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_name or '–'} = {self.name or self.sf_id}"

    @property
    def can_link(self) -> bool:
        """Whether it may be tied to a record here: our field there is empty."""
        return not self.key and self.record_id is not None


UNDECIDED = (
    Match.State.CERTAIN, Match.State.OPEN, Match.State.LATER, Match.State.CHOSEN, Match.State.UNDOING,
)  # fmt: skip
"""States in which a record here waits: it may be one that is there already."""
