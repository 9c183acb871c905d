"""The accounting of a run: every line read ends in exactly one place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum

from orders.ingest.service import Taken
from orders.ingest.stage import Stage
from orders.ingest.states import RejectReason
from partners.standing.models import PartnerMonth


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the inputs, blank ones and headings left out.

    stored: now held. repeated: dropped as exact repeats inside their order. unchanged: of orders
    held already with the same content. superseded: of orders that came again in a later input of
    the same run. rejected: kept aside with a reason (also when the same content was kept before). headers: said
    what the lines of their orders do not say themselves. left_out: by the source's filters.
    """

    read: int
    stored: int = 0
    repeated: int = 0
    unchanged: int = 0
    superseded: int = 0
    rejected: int = 0
    headers: int = 0
    left_out: int = 0

    def check(self) -> None:
        """Raise `AssertionError` when a line is lost or counted twice: then nothing is written."""
        placed = self.stored + self.repeated + self.unchanged + self.superseded + self.rejected
        placed += self.headers + self.left_out
        if placed != self.read:
            raise AssertionError(f"{self.read} lines were read, but {placed} are accounted for: {self}.")


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of the inputs; `cancelled` counts cancellations and reversals among created and corrected."""

    created: int
    corrected: int
    cancelled: int
    unchanged: int
    superseded: int


@dataclass(frozen=True, slots=True)
class Partners:
    """Partners that were made of unknown codes, and orders held already that had waited for those."""

    created: int
    waiting_tied: int = 0


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Orders written by this run that have no partner, their lines and their codes."""

    orders: int
    lines: int
    codes: int


@dataclass(frozen=True, slots=True)
class Months:
    """How many partner-months the tenant has (not this run alone), and their revenue as text."""

    partner_months: int
    revenue: str


@dataclass(slots=True)
class Result:
    """What a run did, as `import_orders --json` prints it and `ImportRun.counts` keeps it.

    problems: of rejected rows that came again and still cannot be stored the first ones, by line, and why.
    """

    lines: Lines
    orders: Orders
    partners: Partners
    unattributed: Unattributed
    months: Months
    rejected_by_reason: dict[RejectReason, int]
    rejected_new: int
    wrote: bool
    left_out_by: list[tuple[str, str, int]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory_mb: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Return plain JSON types; money is text."""
        counts = asdict(self)
        if not self.problems:
            del counts["problems"]
        return counts


def result_of(taken: Taken, *, again: Mapping[RejectReason, int] | None = None) -> Result:
    """Put the counts of reading and merging together. Raises `AssertionError` when they do not add up.

    `again` counts lines by the reason they were rejected for, that went in as a person had corrected them.
    """
    corrected = sum((again or {}).values())
    stage, merged = taken.stage, taken.merged
    compared, attributed = merged.compared, merged.attributed
    reasons = {
        reason: count - (again or {}).get(reason, 0)
        for reason, count in stage.rejects.by_reason.items()
        if count > (again or {}).get(reason, 0)
    }
    for reason, count in merged.refused.items():
        reasons[reason] = reasons.get(reason, 0) + count
    lines = _lines_of(taken, corrected)
    return Result(
        lines=lines,
        orders=Orders(
            created=compared.created,
            corrected=compared.corrected,
            cancelled=attributed.cancelled,
            unchanged=compared.unchanged,
            superseded=compared.superseded,
        ),
        partners=Partners(created=merged.partners_created, waiting_tied=merged.waiting_tied),
        unattributed=Unattributed(
            orders=attributed.unattributed_orders,
            lines=attributed.unattributed_lines,
            codes=attributed.unattributed_codes,
        ),
        months=months_held(),
        rejected_by_reason=dict(sorted(reasons.items())),
        rejected_new=merged.rejects_new,
        wrote=merged.wrote,
        left_out_by=left_out_by(stage),
    )


def _lines_of(taken: Taken, corrected: int) -> Lines:
    """Put the counts of lines together. Raises `AssertionError` when they do not add up."""
    stage, merged = taken.stage, taken.merged
    compared = merged.compared
    lines = Lines(
        read=stage.intake.lines,
        stored=compared.lines_stored + corrected,
        repeated=stage.repeated,
        unchanged=compared.lines_unchanged,
        superseded=compared.lines_superseded,
        rejected=stage.rejects.count + sum(merged.refused.values()) - corrected,
        headers=stage.intake.headers,
        left_out=stage.intake.left_out.total(),
    )
    lines.check()
    return lines


def left_out_by(stage: Stage) -> list[tuple[str, str, int]]:
    """Return how many rows the source's filters left out, by column and cell, most first."""
    return [(column, cell, count) for (column, cell), count in stage.intake.left_out.most_common()]


def months_held() -> Months:
    """Count the tenant's partner-months and add up their revenue."""
    held = PartnerMonth.objects.aggregate(count=Count("pk"), revenue=Sum("revenue"))
    return Months(held["count"], str(held["revenue"] or Decimal(0)))
