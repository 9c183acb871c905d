"""The tenant: with `accounts.User` the only models that stand above tenants."""

from django.core.validators import RegexValidator
from django.db import models

from prm.core.calendar import validate_timezone
from prm.core.clock import now
from prm.core.ids import uuid7


class Tenant(models.Model):
    """One company that sells through partners.

    `partner_noun` is its own word for a partner (provider, agent, dealer), `order_noun` for an order (referral,
    policy, case); `currency` is an ISO 4217 code, `timezone` an IANA name that decides which day and month a moment
    falls in. Its year begins with the month `year_starts`; `notation` is how numbers and days are written for whoever
    has not chosen (`prm.core.notation`). `colour` is that of its mark as `#rrggbb`, "" for the one of its slug; `logo`
    names the picture that stands for the mark, "" for none. `second_step_required`: its own people come in only with a second
    step of signing in. `setup_aside_at`: its set-up page was put aside then.
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
    order_noun = models.CharField(max_length=40, default="order", db_default="order")
    order_noun_plural = models.CharField(max_length=40, default="orders", db_default="orders")
    currency = models.CharField(max_length=3, default="USD")
    timezone = models.CharField(max_length=40, default="UTC", validators=[validate_timezone])
    year_starts = models.PositiveSmallIntegerField(default=1, db_default=1)
    notation = models.CharField(max_length=8, blank=True, default="", db_default="")
    colour = models.CharField(max_length=7, blank=True, default="", db_default="")
    logo = models.CharField(max_length=32, blank=True, default="", db_default="")
    second_step_required = models.BooleanField(default=False, db_default=False)
    setup_aside_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(year_starts__gte=1, year_starts__lte=12), name="tenancy_tenant_year"
            ),
        )

    def __str__(self) -> str:
        return self.name
