"""What a person has asked to be done at Salesforce, and how far it is."""

from typing import ClassVar

from django.db import models

from prm.core.clock import now
from prm.core.fields import EncryptedTextField
from prm.tenancy.base import TenantModel


class Errand(TenantModel):
    """One per tenant and kind: the last that was asked. A worker does it, since Salesforce may take minutes to answer.

    The credentials are those of a connection that is tried, `way` says which (`Credential.Way`); the secret and `details`
    (the rest of them, as JSON) are forgotten when it is over.
    `result`: what a set-up made, warns of and misses, or what starting would do, as JSON. `step`: what is being done, in words.
    `message`: why it failed, `field` the field of the form that is to blame.
    """

    class Kind(models.TextChoices):
        CONNECT = "connect", "Connecting to Salesforce"
        LOOK = "look", "Looking what is missing in Salesforce"
        SET_UP = "setup", "Setting up Salesforce"
        READ = "read", "Reading the accounts in Salesforce"
        TRY = "try", "Trying what starting would do"
        START = "start", "Starting"
        DESCRIBE = "describe", "Reading what Salesforce says of its fields"
        TRY_MAP = "try_map", "Trying what the mapping would change"

    class State(models.TextChoices):
        OPEN = "open", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    login_url = models.CharField(max_length=255, blank=True)
    client_id = models.CharField(max_length=255, blank=True)
    client_secret = EncryptedTextField(blank=True)
    way = models.CharField(max_length=8, blank=True)
    details = EncryptedTextField(blank=True)
    step = models.CharField(max_length=255, blank=True)
    steps_done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    field = models.CharField(max_length=40, blank=True)
    stop_asked = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "kind"], name="salesforce_errand_one"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_open(self) -> bool:
        """Whether it waits for a worker or one is at it."""
        return self.state == self.State.OPEN
