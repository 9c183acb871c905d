"""The tenant: with `accounts.User` the only models that stand above tenants."""

from django.core.validators import RegexValidator
from django.db import models

from prm.core.calendar import validate_timezone
from prm.core.clock import now
from prm.core.ids import uuid7


class Tenant(models.Model):
    """One company that sells through partners.

    `partner_noun` is its own word for a partner (provider, agent, dealer); `currency` is an
    ISO 4217 code, `timezone` an IANA name that decides which day and month a moment falls in.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", "Lower-case letters, digits, hyphens.")
        ],
    )
    name = models.CharField(max_length=120)
    partner_noun = models.CharField(max_length=40, default="partner")
    partner_noun_plural = models.CharField(max_length=40, default="partners")
    currency = models.CharField(max_length=3, default="USD")
    timezone = models.CharField(max_length=40, default="UTC", validators=[validate_timezone])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
