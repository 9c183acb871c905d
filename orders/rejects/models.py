"""Lines that could not be stored, kept until somebody corrects or dismisses them."""

from dataclasses import dataclass
from typing import Final, Self

from django.db import models
from django.db.models import Count, Min, Q
from django.db.models.fields.json import KeyTextTransform

from orders.ingest.reading.rejecting import Corrected, Corrections
from orders.ingest.states import RejectReason
from orders.rejects.states import RejectState
from orders.runs.models import ImportRun
from orders.sources.models import OrderSource
from orders.sources.spec import FIELDS
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet

# Corrections by hand that are remembered while a file of their source is read.
MOST_CORRECTIONS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Rejected lines with one reason: how many, and one of them as an example."""

    reason: str
    count: int
    example: "RejectedLine"

    @property
    def title(self) -> str:
        """The reason in words."""
        return self.example.heading

    @property
    def advice(self) -> str:
        """What to do."""
        return self.example.advice


@dataclass(frozen=True, slots=True)
class AlikeGroup:
    """Rejected lines with one reason and the same value in the field that is wrong, and one of them as an example."""

    field: str
    value: str
    count: int
    line_no: int
    message: str

    @property
    def label(self) -> str:
        """The field in words."""
        return FIELDS.get(self.field, self.field)


class RejectedLineQuerySet(TenantQuerySet["RejectedLine"]):
    """Reads of rejected lines."""

    def open(self) -> Self:
        """Return those that wait for somebody."""
        return self.filter(state=RejectState.OPEN)

    def settled(self) -> Self:
        """Return those that somebody corrected or dismissed, or a later file made needless."""
        return self.exclude(state=RejectState.OPEN)

    def corrections(self, most: int = MOST_CORRECTIONS) -> Corrections:
        """Return the lines as people corrected them, the latest `most`."""
        corrected = self.filter(state=RejectState.CORRECTED, corrected__isnull=False).order_by("-id")
        latest = corrected.values_list("reason", "raw", "fingerprint", "corrected")[:most]
        made = [Corrected(why, raw, name, cells) for why, raw, name, cells in latest if cells is not None]
        return Corrections(reversed(made))

    def by_reason(self) -> list[ReasonGroup]:
        """Return one group per reason, most lines first; two queries."""
        counts = dict(self.order_by().values_list("reason").annotate(count=Count("pk")))
        examples = self.order_by("reason", "file_no", "line_no").distinct("reason")
        groups = [ReasonGroup(line.reason, counts[line.reason], line) for line in examples]
        return sorted(groups, key=lambda group: (-group.count, group.reason))

    def alike(self, most: int) -> list[AlikeGroup]:
        """Return the largest groups of lines that say the same wrong thing; a query per field that is wrong."""
        found: list[AlikeGroup] = []
        for name in self.order_by().values_list("field", flat=True).distinct():
            if name not in FIELDS:
                continue
            rows = (
                self.filter(field=name)
                .order_by()
                .values(value=KeyTextTransform(name, "raw"))
                .annotate(count=Count("pk"), first=Min("line_no"), message=Min("message"))
                .order_by("-count", "value")[:most]
            )
            found += [
                AlikeGroup(name, row["value"] or "", row["count"], row["first"], row["message"])
                for row in rows
            ]
        return sorted(found, key=lambda group: -group.count)[:most]


class RejectedLine(TenantModel):
    """A line that could not be stored, kept until somebody corrects or dismisses it.

    `raw` holds the cells of the mapped columns as they were written, by field; columns without a
    field (patients' names, say) are never kept. `number` is that of its order, "" when it could not be read:
    when the source sends that order again without the line, it is settled by that. `fingerprint` identifies the content within the
    source, so that importing the file again adds nothing. `corrected` holds the cells as a person
    corrected them; they are applied again whenever the same content is sent again. `variant` tells lines apart that say
    the same and differ in a column of no field. `settled_in` is the run that brought it corrected, or its order without
    it, and can be taken back.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="rejected_lines", index=False)
    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="rejected_lines")
    file_no = models.IntegerField()
    line_no = models.IntegerField()
    reason = models.CharField(max_length=32)
    field = models.CharField(max_length=24, blank=True)
    column = models.CharField(max_length=200, blank=True)
    message = models.TextField()
    raw = models.JSONField(default=dict)
    corrected = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=32)
    number = models.CharField(max_length=64, blank=True, db_default="", db_collation="C")
    variant = models.IntegerField(default=0, db_default=0)
    state = models.CharField(
        max_length=12, choices=RejectState, default=RejectState.OPEN, db_default=RejectState.OPEN
    )
    settled_by = models.CharField(max_length=160, blank=True, db_default="")
    settled_at = models.DateTimeField(null=True)
    settled_in = TenantForeignKey(ImportRun, models.SET_NULL, null=True, related_name="settled_lines")

    objects = TenantManager.from_queryset(RejectedLineQuerySet)()

    class Meta:
        ordering = ("file_no", "line_no")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "source", "fingerprint"], name="orders_rejected_content"
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "reason"], condition=Q(state="open"), name="orders_rejected_open"),
            models.Index(
                fields=["tenant", "source", "number"],
                condition=Q(state="open"),
                name="orders_rejected_number",
            ),
        )

    def __str__(self) -> str:
        return f"{self.line_no}: {self.message}"

    @property
    def heading(self) -> str:
        """The reason in words."""
        reason = RejectReason.of(self.reason)
        return reason.heading if reason else self.reason

    @property
    def advice(self) -> str:
        """What to do; what is wrong with this line where nothing can be said of all of its kind."""
        reason = RejectReason.of(self.reason)
        return (reason.advice if reason else "") or self.message
