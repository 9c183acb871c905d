"""The one row of a tenant's settings of counting."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel
from prm.tenancy.managers import TenantManager

CONSENT = (
    "We count which pages of ours you open from our letters, so that we send what is useful. Your browser's "
    "wish not to be counted (Do Not Track, Global Privacy Control) is kept. No cookies, and no address beyond the day."
)


@audited()
class CountingSettings(TenantModel):
    """How a tenant counts; one row, which is made when somebody first saves it.

    `hosts`: names of machines that links may lead to. `tracking_host`: our own name (CNAME) under which links stand, "" for PRM's.
    `networks`: addresses of our own people. `keep_months`: how long web visits of single partners are kept.
    """

    hosts = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    tracking_host = models.CharField(max_length=253, blank=True)
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    consent = models.TextField(default=CONSENT)
    keep_months = models.PositiveSmallIntegerField(default=24)

    objects = TenantManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="campaigns_settings_one"),)

    def __str__(self) -> str:
        return self.tracking_host
