"""Sample files that wait for somebody to say how they are read."""

from django.db import models

from orders.samples.states import SampleState
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.base import TenantModel
from prm.tenancy.context import current_tenant


class FileSample(TenantModel):
    """One file, kept until a source is made of it.

    `study` is an `orders.proof.study.Study` as JSON, {} until it is read; `columns` says by field which column holds
    it, from 0; `message` says why a file cannot be taken.
    """

    name = models.CharField(max_length=200)
    bytes = models.BigIntegerField()
    stored_as = models.CharField(max_length=300)
    by = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=8, choices=SampleState, default=SampleState.READING)
    study = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    lines_done = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page of this sample, in the tenant in scope."""
        return tenant_url(current_tenant(), "orders:sample", pk=self.pk)

    @property
    def is_reading(self) -> bool:
        """Whether it is being read, or waits for it."""
        return self.state == SampleState.READING
