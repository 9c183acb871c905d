"""The accounting of a run: every line read ends in exactly one place."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from orders.ingest.intake import Intake
from orders.ingest.merge import Merged
from partners.standing.models import PartnerMonth


@dataclass(slots=True)
class Lines:
    """Lines of the files, blank ones and headings left out.

    stored: now held. repeated: dropped as exact repeats inside their order. unchanged: of orders
    held already with the same content. superseded: of orders that came again in a later file of
    the same run. rejected: kept aside with a reason (also when the same content was kept before).
    """

    read: int = 0
    stored: int = 0
    repeated: int = 0
    unchanged: int = 0
    superseded: int = 0
    rejected: int = 0

    def check(self) -> None:
        """Raise ``AssertionError`` when a line is lost or counted twice: then nothing is written."""
        placed = self.stored + self.repeated + self.unchanged + self.superseded + self.rejected
        if placed != self.read:
            raise AssertionError(f"{self.read} lines were read, but {placed} are accounted for: {self}.")


@dataclass(slots=True)
class Result:
    """What a run did, as ``import_orders --json`` prints it and ``ImportRun.counts`` keeps it.

    ``orders.cancelled`` counts cancellations and reversals among those created and corrected.
    ``unattributed`` is about orders written by this run. ``months`` are all of the tenant's.
    """

    lines: Lines = field(default_factory=Lines)
    orders: dict[str, int] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)
    unattributed: dict[str, int] = field(default_factory=dict)
    months: dict[str, Any] = field(default_factory=dict)
    rejected_by_reason: dict[str, int] = field(default_factory=dict)
    rejected_new: int = 0
    wrote: bool = False
    seconds: float = 0.0
    peak_memory_mb: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; money as text."""
        return asdict(self)


def result_of(intake: Intake, repeated: int, merged: Merged) -> Result:
    """Put the counts of reading and merging together. Raises when they do not add up."""
    reasons = dict(intake.by_reason)
    if merged.overflown:
        reasons["number_too_large"] = reasons.get("number_too_large", 0) + merged.overflown
    lines = Lines(
        read=intake.lines,
        stored=merged.stored,
        repeated=repeated,
        unchanged=merged.unchanged,
        superseded=merged.superseded,
        rejected=intake.rejected + merged.overflown,
    )
    lines.check()
    return Result(
        lines=lines,
        orders={
            "created": merged.created,
            "corrected": merged.corrected,
            "cancelled": merged.cancelled,
            "unchanged": merged.orders_unchanged,
            "superseded": merged.orders_superseded,
        },
        partners={"created": merged.partners_created},
        unattributed={
            "orders": merged.unattributed_orders,
            "lines": merged.unattributed_lines,
            "codes": merged.unattributed_codes,
        },
        months=months_held(),
        rejected_by_reason=dict(sorted(reasons.items())),
        rejected_new=merged.rejects_new,
        wrote=merged.wrote,
    )


def months_held() -> dict[str, Any]:
    """How many partner-months the tenant has, and their revenue."""
    held = PartnerMonth.objects.aggregate(count=Count("pk"), revenue=Sum("revenue"))
    return {"partner_months": held["count"], "revenue": str(held["revenue"] or Decimal(0))}
