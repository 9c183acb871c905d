"""Which days are read record by record. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

PENNY: Final = Decimal("0.005")
"""Sums come back as doubles: what is nearer than half a penny is the same."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Records that count, and what they come to."""

    records: int = 0
    amount: Decimal = Decimal(0)

    def agrees(self, other: Tally) -> bool:
        """Whether both are the same, to the penny."""
        return self.records == other.records and abs(self.amount - other.amount) < PENNY


def differing(there: Mapping[date, Tally], known: Mapping[date, Tally]) -> list[date]:
    """Return the days on which what was counted there is not what is known, the latest first."""
    nothing = Tally()
    days = there.keys() | known.keys()
    return sorted(
        (day for day in days if not there.get(day, nothing).agrees(known.get(day, nothing))), reverse=True
    )
