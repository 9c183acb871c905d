"""What one run did and what it left, as numbers and sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from prm.mapping import Normal


def _counts() -> defaultdict[str, dict[str, int]]:
    return defaultdict(dict)


class FieldDifference(TypedDict):
    """One field whose values differ, as both sides hold it in its normal form."""

    field: str
    here: Normal
    there: Normal


class Difference(TypedDict):
    """One record that differs, and why."""

    id: str
    title: str
    fields: list[FieldDifference]
    reason: str


class Comparison(TypedDict):
    """What the audit found of one mapping: counts of records, and the first differences.

    `at_rest` are records outside the scope, which are not compared and in no other count.
    """

    here: int
    at_rest: int
    same: int
    different: int
    missing_there: int
    only_there: int
    differences: list[Difference]


class Waiting(TypedDict):
    """Records that are still dirty for one reason."""

    mapping: str
    records: int
    reason: str
    kind: str


class Rests(TypedDict):
    """An object, or with `field` a field of it, that is not kept in step at present."""

    object: str
    field: str
    since: str
    why: str
    reason: str
    advice: str


@dataclass(slots=True)
class Report:
    """Counted while running.

    `lags` are seconds from a change here to Salesforce's answer, `lags_back` those from a change there, by Salesforce's
    stamp, to its being here.
    """

    pushed: defaultdict[str, dict[str, int]] = field(default_factory=_counts)
    pulled: defaultdict[str, dict[str, int]] = field(default_factory=_counts)
    audit: dict[str, Comparison] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    rests: list[Rests] = field(default_factory=list)
    conflicts: int = 0
    calls: int = 0
    lags: list[float] = field(default_factory=list)
    lags_back: list[float] = field(default_factory=list)
    message: str = ""
    failed: bool = False
    # The slice was over before the work was.
    more: bool = False

    def push(self, mapping: str, what: str, count: int = 1) -> None:
        """Count records sent: created, updated, unchanged, failed, deleted, waiting, resting (outside the scope)."""
        self.pushed[mapping][what] = self.pushed[mapping].get(what, 0) + count

    def pull(self, mapping: str, what: str, count: int = 1) -> None:
        """Count records read: applied, unchanged, linked, deleted, refused, not_ours."""
        self.pulled[mapping][what] = self.pulled[mapping].get(what, 0) + count

    def add(self, other: Report) -> None:
        """Count what another report has counted of records, conflicts and lags."""
        for mine, theirs in ((self.pushed, other.pushed), (self.pulled, other.pulled)):
            for mapping, counts in theirs.items():
                for what, count in counts.items():
                    mine[mapping][what] = mine[mapping].get(what, 0) + count
        self.conflicts += other.conflicts
        self.lags += other.lags
        self.lags_back += other.lags_back

    @property
    def did_something(self) -> bool:
        """Whether the run is worth a row in the history."""
        quiet = {"unchanged", "resting"}
        counted = [*self.pushed.values(), *self.pulled.values()]
        busy = any(count for counts in counted for what, count in counts.items() if what not in quiet)
        return busy or self.failed or bool(self.audit) or self.conflicts > 0

    def as_json(self) -> dict[str, object]:
        """Return the stable form that `salesforce_sync --json` prints."""
        return {
            "pushed": {key: _complete(counts) for key, counts in sorted(self.pushed.items())},
            "pulled": {key: dict(counts) for key, counts in sorted(self.pulled.items())},
            "calls": self.calls,
            "conflicts": self.conflicts,
            "waiting": self.waiting,
            "rests": self.rests,
            "audit": self.audit,
            "done": not (self.waiting or self.rests or self.failed),
            "message": self.message,
        }


def _complete(counts: dict[str, int]) -> dict[str, int]:
    return {"created": 0, "updated": 0, "unchanged": 0, "failed": 0} | counts


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` (0 to 1) of the values do not exceed."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[min(len(ranked) - 1, int(share * len(ranked)))], 2)
