"""Which days are read record by record. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    # Where there are several: each with its records and amount, by code. An amount alone would add up apples and pears.
    currencies: tuple[tuple[str, int, Decimal], ...] = ()

    def agrees(self, other: Tally) -> bool:
        """Whether both are the same, to the penny."""
        is_same = self.records == other.records and abs(self.amount - other.amount) < PENNY
        return is_same and self.currencies == other.currencies


def differing(there: Mapping[date, Tally], known: Mapping[date, Tally]) -> list[date]:
    """Return the days on which what was counted there is not what is known, the latest first."""
    nothing = Tally()
    days = there.keys() | known.keys()
    return sorted(
        (day for day in days if not there.get(day, nothing).agrees(known.get(day, nothing))), reverse=True
    )


def tallies(rows: Iterable[tuple[date, str, int, Decimal]]) -> dict[date, Tally]:
    """Return days from (day, currency, records, amount), each currency by itself and all together."""
    days: dict[date, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    for day, currency, records, amount in rows:
        before = days[day].get(currency, (0, Decimal(0)))
        days[day][currency] = (before[0] + records, before[1] + amount)
    found = {}
    for day, some in days.items():
        each = tuple((code, n, total.quantize(Decimal("0.01"))) for code, (n, total) in sorted(some.items()))
        found[day] = Tally(sum(n for _, n, _ in each), sum((total for *_, total in each), Decimal(0)), each)
    return found
