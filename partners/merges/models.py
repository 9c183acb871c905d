"""The log of merges: who was merged into whom, and which rows that moved."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from partners.directory.models import Partner
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class MergeQuerySet(TenantQuerySet["PartnerMerge"]):
    """Reads of merges."""

    def in_force(self) -> Self:
        """Keep merges that nobody took back."""
        return self.filter(undone_at=None)

    def with_names(self) -> Self:
        """Read the partners in the same query, latest first."""
        return self.select_related("survivor", "merged").order_by("-at", "-id")


@audited(about=["survivor", "merged"])
class PartnerMerge(TenantModel):
    """One merge: `merged` turned out to be `survivor`.

    `taken` are details that the survivor took over, as {field: [before, after]}, ids as texts. `counts` are the rows moved by
    the words for many of them. `alias` is the other name that the survivor got by it. `left` says, after an undo, what
    did not go back.
    """

    survivor = TenantForeignKey(Partner, models.CASCADE, related_name="+")
    merged = TenantForeignKey(Partner, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    taken = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    alias = models.UUIDField(null=True)
    by = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField(default=now, editable=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=160, blank=True)
    left = models.JSONField(default=list)

    #: One that was taken back keeps nobody from being removed: the audit trail still tells of it.
    holds_partner: ClassVar = Q(undone_at=None)

    objects = TenantManager.from_queryset(MergeQuerySet)()

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(survivor=F("merged")), name="partners_merge_two"),
            # A partner is merged into one other at a time.
            models.UniqueConstraint(
                fields=["tenant", "merged"], condition=Q(undone_at=None), name="partners_merge_once"
            ),
        )
        indexes = (models.Index(fields=["tenant", "-at", "-id"], name="partners_merge_at"),)

    def __str__(self) -> str:
        return f"{self.merged} into {self.survivor}"


class MergedRows(TenantModel):
    """The rows of one table that a merge moved; `column` is the key of the table in `registry`."""

    merge = TenantForeignKey(PartnerMerge, models.CASCADE, related_name="rows", index=False)
    column = models.CharField(max_length=120)
    ids = ArrayField(models.UUIDField(), default=list)
    notes = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "merge", "column"], name="partners_merged_rows"),
        )

    def __str__(self) -> str:
        return f"{len(self.ids)} of {self.column}"


class MergeTask(TenantModel):
    """A merge of very many rows, or its undo (`undoes`), that runs in the background.

    `step` says which rows move, `rows_done` how many of `rows_total` have. `ended_at`: it is over; `message` says why nothing
    was done, "" when it was, and `merge` is what came of it.
    """

    survivor = TenantForeignKey(Partner, models.CASCADE, related_name="+", index=False)
    merged = TenantForeignKey(Partner, models.CASCADE, related_name="+", index=False)
    undoes = TenantForeignKey(PartnerMerge, models.CASCADE, null=True, related_name="+", index=False)
    merge = TenantForeignKey(PartnerMerge, models.CASCADE, null=True, related_name="+", index=False)
    take = models.JSONField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=160, blank=True)
    asked_at = models.DateTimeField(default=now, editable=False)
    started_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=80, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    message = models.CharField(max_length=400, blank=True)

    #: A note of work keeps nobody from being removed.
    holds_partner: ClassVar = Q(ended_at=None)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            # The same is asked for once at a time.
            models.UniqueConstraint(
                fields=["tenant", "merged"], condition=Q(ended_at=None), name="partners_mergetask_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.merged} into {self.survivor}"
