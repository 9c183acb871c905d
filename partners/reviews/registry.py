"""What other apps put beside a proposal: visits, the largest order, and what else a manager looks at before deciding.

An app or a room adds by a module `review_evidence.py` with a list `EVIDENCE`; it is found when the apps are ready.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from partners.directory.models import Partner
from prm.core import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSource:
    """Facts about one partner in a period of days, first and last included: heading and words, with a fixed number of queries."""

    key: str
    facts: Callable[[Partner, date, date], Sequence[tuple[str, str]]]
    order: int = 100


_registered: dict[str, EvidenceSource] = {}


def register(sources: Iterable[EvidenceSource]) -> None:
    """Add an app's evidence; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, sources, "sources of evidence")


def facts(partner: Partner, first: date, last: date) -> list[tuple[str, str]]:
    """Collect every app's facts of one partner, in their order."""
    sources = sorted(_registered.values(), key=lambda source: (source.order, source.key))
    return [fact for source in sources for fact in source.facts(partner, first, last)]
