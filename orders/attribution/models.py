"""The answers given about whose orders they are, kept so that they can be seen and taken back."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from orders.attribution.states import AnswerKind
from partners.directory import schemes
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class AnswerQuerySet(TenantQuerySet["Answer"]):
    """Reads of answers."""

    def standing(self) -> Self:
        """Keep answers that nobody took back."""
        return self.filter(undone_at=None)

    def with_names(self) -> Self:
        """Read the partners in the same query, latest answers first."""
        return self.select_related("partner", "previous").order_by("-at", "-id")


@audited(exclude=["order_ids"])
class Answer(TenantModel):
    """One decision about a code or about single orders, with what it moved at that moment.

    `code` is a normal form, of a system's `scheme`, "" for single orders, which `order_ids` names. `partner` is whose they became,
    `previous` whose they were. `amount` is what counts of them. `is_certain`: accepted as a certain match.
    """

    kind = models.CharField(max_length=20, choices=AnswerKind)
    code = models.CharField(max_length=120, blank=True, db_collation="C")
    scheme = models.CharField(max_length=schemes.LONGEST, blank=True)
    order_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    partner = TenantForeignKey("partners.Partner", models.SET_NULL, null=True, related_name="+", index=False)
    previous = TenantForeignKey("partners.Partner", models.SET_NULL, null=True, related_name="+", index=False)
    is_certain = models.BooleanField(default=False)
    orders = models.IntegerField(default=0)
    amount = MoneyField(default=0)
    by = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField(default=now, editable=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=160, blank=True)

    objects = TenantManager.from_queryset(AnswerQuerySet)()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=["tenant", "-at", "-id"], name="orders_answer_at"),
            models.Index(fields=["tenant", "code"], name="orders_answer_code"),
            models.Index(fields=["tenant", "partner"], name="orders_answer_partner"),
            models.Index(fields=["tenant", "previous"], name="orders_answer_previous"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}".strip()
