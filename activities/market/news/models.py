"""What was told of the competition."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from activities.market.names.models import Competitor, Differentiator
from activities.market.news.states import NewsKind
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager


@audited()
class MarketNews(TenantModel):
    """One thing that reps and managers hear of, once: the constraint forgets nothing that was told.

    `key` is the city, in small letters, or the first day of the month with the reason's id. `reps` are whom it concerns;
    `words` is the city or the reason as it was called then, `count` how many partners or losses there were.
    """

    kind = models.CharField(max_length=8, choices=NewsKind)
    competitor = TenantForeignKey(Competitor, models.CASCADE, related_name="news", index=False)
    differentiator = TenantForeignKey(
        Differentiator, models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    key = models.CharField(max_length=130)
    words = models.CharField(max_length=120)
    count = models.PositiveIntegerField()
    reps = ArrayField(models.UUIDField(), default=list)
    at = models.DateTimeField(default=now)

    objects = TenantManager()

    class Meta:
        verbose_name_plural = "market news"
        indexes = (models.Index(fields=["tenant", "-at"], name="activities_news_at"),)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "kind", "competitor", "key"], name="activities_news_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.words}"
