"""Changes of a company's settings, and its logo."""

from django.db import models

from prm.accounts.models import Membership
from prm.company.settings.states import ChangeState
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited()
class CompanyChange(TenantModel):
    """One change of settings: `values` has by field what it was and what it is, [before, after].

    A change that moves many figures waits until they are worked out; until then everything is as before. `rate` is
    what one unit of the currency before is worth in the new one. `by_name` says who, also when the membership is gone.
    `message` says why it failed.
    """

    values = models.JSONField(default=dict)
    rate = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True)
    state = models.CharField(max_length=8, choices=ChangeState, default=ChangeState.DONE)
    message = models.TextField(blank=True, default="")
    by = TenantForeignKey(Membership, models.SET_NULL, null=True, blank=True, related_name="+", index=False)
    by_name = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["tenant", "-created_at"], name="company_change_newest"),)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(state=ChangeState.WAITS),
                name="company_change_waits",
            ),
        )

    def __str__(self) -> str:
        return ", ".join(self.values)


@audited(exclude=["png"])
class CompanyLogo(TenantModel):
    """The logo of a company, as it was drawn anew from the file that was sent; `name` is part of its address."""

    name = models.CharField(max_length=32)
    png = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant", "name"], name="company_logo_name"),)

    def __str__(self) -> str:
        return self.name
