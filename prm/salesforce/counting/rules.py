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
    """Records that count, and what they come to in each currency; "" is that of an organisation with one.

    Amounts of several currencies are never added: that would be apples and pears.
    """

    sums: tuple[tuple[str, int, Decimal], ...] = ()

    @classmethod
    def of(cls, records: int, amount: Decimal, currency: str = "") -> Tally:
        """Return the tally of records in one currency."""
        return cls(((currency, records, amount),) if records else ())

    @property
    def records(self) -> int:
        """How many records there are in all currencies."""
        return sum(records for _currency, records, _amount in self.sums)

    def agrees(self, other: Tally) -> bool:
        """Whether both are the same in each currency, to the penny."""
        return all(
            one == two and abs(amount - same) < PENNY for _code, one, amount, two, same in self.beside(other)
        )

    def beside(self, other: Tally) -> list[tuple[str, int, Decimal, int, Decimal]]:
        """Return (currency, records, amount, records and amount of the other) for each currency of either."""
        mine, others = ({code: (n, total) for code, n, total in one.sums} for one in (self, other))
        nothing = (0, Decimal(0))
        return [
            (code, *mine.get(code, nothing), *others.get(code, nothing))
            for code in sorted(mine.keys() | others.keys())
        ]


def differing(there: Mapping[date, Tally], known: Mapping[date, Tally]) -> list[date]:
    """Return the days on which what was counted there is not what is known, the latest first."""
    nothing = Tally()
    days = there.keys() | known.keys()
    return sorted(
        (day for day in days if not there.get(day, nothing).agrees(known.get(day, nothing))), reverse=True
    )


def tallies(rows: Iterable[tuple[date, str, int, Decimal]]) -> dict[date, Tally]:
    """Return days from (day, currency, records, amount), each currency by itself."""
    days: dict[date, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    for day, currency, records, amount in rows:
        before = days[day].get(currency, (0, Decimal(0)))
        days[day][currency] = (before[0] + records, before[1] + amount)
    return {
        day: Tally(
            tuple((code, n, total.quantize(Decimal("0.01"))) for code, (n, total) in sorted(some.items()))
        )
        for day, some in days.items()
    }
