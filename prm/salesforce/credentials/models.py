"""What a tenant signs in with beside the app's id and secret, and sign-ins that people have begun."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.core.clock import now
from prm.core.fields import EncryptedTextField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


# What only renewals change leaves no event: the trail tells who chose a way, a user or a key, and secrets are in none.
@audited(
    exclude=[
        "private_key", "next_key", "refresh_token", "renewed_at", "renewal", "renewal_at", "lost_at", "refusal",
        "found_organization",
    ]
)  # fmt: skip
class Credential(TenantModel):
    """One per tenant. The id and the secret of the app stand at the connection.

    `way` is how the connection signs in. `private_key` and `certificate` are those of `KEY`; `next_key` with
    `next_certificate` replaces them with the first sign-in that Salesforce grants to it. `refresh_token` is that of `PERSON`.

    A renewal marks itself before Salesforce is asked: `renewal` (who) and `renewal_at`. A mark that nobody takes away
    is one whose answer was lost; `lost_at` says so until a renewal succeeds. `refusal` is the key of the last refusal
    (`wire/refusals.py`), `found_organization` the id of another organisation that a sign-in led to.
    """

    class Way(models.TextChoices):
        SECRET = "secret", "Client credentials"
        KEY = "key", "JWT bearer"
        PERSON = "person", "Connect Salesforce"

    way = models.CharField(max_length=8, choices=Way, default=Way.SECRET)
    username = models.CharField(max_length=255, blank=True)
    private_key = EncryptedTextField(blank=True)
    certificate = models.TextField(blank=True)
    next_key = EncryptedTextField(blank=True)
    next_certificate = models.TextField(blank=True)
    refresh_token = EncryptedTextField(blank=True)
    allowed_by = models.CharField(max_length=120, blank=True)
    renewed_at = models.DateTimeField(null=True)
    renewal = models.UUIDField(null=True)
    renewal_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=80, blank=True)
    found_organization = models.CharField(max_length=18, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_credential_one"),
        ]

    def __str__(self) -> str:
        return self.get_way_display()


class Authorization(TenantModel):
    """A sign-in that a person is about to go to Salesforce for. Deleted when it is used, and when it is too old.

    Who went is in no row: what Salesforce brings back (`state`) is sealed for one person and one session. `replaces` says
    that another organisation than the connected one is meant: a refreshed sandbox.
    """

    login_url = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    client_secret = EncryptedTextField(blank=True)
    verifier = EncryptedTextField()
    replaces = models.BooleanField(default=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"to {self.login_url}"

    @property
    def is_over(self) -> bool:
        """Whether it is too old to be used."""
        return self.expires_at < now()
