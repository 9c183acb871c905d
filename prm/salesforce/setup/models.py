"""The connection of a tenant to its organisation."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.core.clock import now
from prm.core.secrets import EncryptedTextField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


@audited(exclude=["client_secret"])
class Connection(TenantModel):
    """The Salesforce organisation a tenant is connected to; at most one per tenant.

    `daily_calls` is our share of the organisation's API calls in 24 hours; without one we use at
    most 80 % of all. `organization_id` binds the tenant: another organisation is refused.
    """

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        PAUSED = "paused", "Paused"
        SIGNED_OUT = "signed_out", "Signed out"
        DISCONNECTED = "disconnected", "Disconnected"

    login_url = models.URLField(max_length=255)
    client_id = models.CharField(max_length=255)
    client_secret = EncryptedTextField()
    organization_id = models.CharField(max_length=18)
    organization_name = models.CharField(max_length=120, blank=True)
    is_sandbox = models.BooleanField(default=False)
    user_id = models.CharField(max_length=18, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.CONNECTED)
    state_note = models.TextField(blank=True)
    poll_seconds = models.PositiveIntegerField(default=60)
    daily_calls = models.PositiveIntegerField(null=True, blank=True)
    set_up_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_connection_one"),
        ]

    def __str__(self) -> str:
        return self.organization_name or self.login_url

    @property
    def is_running(self) -> bool:
        """Whether changes are exchanged at present."""
        return self.state == self.State.CONNECTED
