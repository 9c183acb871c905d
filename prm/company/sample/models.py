"""Sample data of a tenant, and which rows it is."""

from django.db import models

from prm.company.sample.states import UNDER_WAY, SampleState
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited(exclude=["steps_done", "step"])
class SampleData(TenantModel):
    """The one filling of a tenant. `kept` has the ids that were there before, of models that the audit trail lacks.

    `step` are the words of what is done now, `steps_done` of `steps`. `message` says why it failed, or is refused.
    """

    state = models.CharField(max_length=8, choices=SampleState, default=SampleState.FILLING)
    step = models.CharField(max_length=200, blank=True, default="")
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    kept = models.JSONField(default=dict)
    message = models.TextField(blank=True, default="")
    by_name = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="company_sample_one"),)

    def __str__(self) -> str:
        return f"Sample data, {self.get_state_display().lower()}"

    @property
    def label(self) -> str:
        """Return who its rows were written by, as the audit trail names it."""
        return f"sample data {self.pk}"

    @property
    def is_under_way(self) -> bool:
        """Whether it is coming or going."""
        return self.state in UNDER_WAY

    @property
    def is_filled(self) -> bool:
        """Whether it is there as a whole."""
        return self.state == SampleState.FILLED

    @property
    def stamp(self) -> str:
        """Return what changes with whatever is shown of it."""
        return f"{self.state}{self.steps_done}{len(self.message)}"


class SampleRow(TenantModel):
    """One row that was filled: `model` is its model's label, `row_id` its id."""

    sample = TenantForeignKey(SampleData, models.CASCADE, related_name="rows", index=False)
    model = models.CharField(max_length=80)
    row_id = models.UUIDField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "model", "row_id"], name="company_sample_row"),
        )

    def __str__(self) -> str:
        return f"{self.model} {self.row_id}"
