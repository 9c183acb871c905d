"""The cells of a column as numbers: how many read with a decimal point, how many with a comma, and to what sum."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from orders.ingest.reading.numbers import parse_number, sign_in
from orders.proof.counts import Count

_LONGEST: Final = 40


class NumberForm(NamedTuple):
    """What one text is as a number: `kind` is a field of `NumberTally`."""

    kind: str
    point: Decimal | None
    comma: Decimal | None
    currency: str


@dataclass(slots=True)
class NumberTally:
    """Cells by how they can be read: `same` either way, `either` way to another number, or one way only.

    `sums` are those of all cells that a mark reads, by mark, as text; `currencies` counts the codes and signs that cells name.
    """

    same: Count = field(default_factory=Count)
    either: Count = field(default_factory=Count)
    point: Count = field(default_factory=Count)
    comma: Count = field(default_factory=Count)
    neither: Count = field(default_factory=Count)
    sums: dict[str, str] = field(default_factory=lambda: {".": "0", ",": "0"})
    currencies: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, times: int, line: int) -> None:
        """Count a cell that stands so many times, first in this line."""
        form = form_of(text)
        getattr(self, form.kind).add(times, line, text)
        for mark, number in ((".", form.point), (",", form.comma)):
            if number is not None:
                self.sums[mark] = str(Decimal(self.sums[mark]) + number * times)
        if form.currency:
            self.currencies[form.currency] = self.currencies.get(form.currency, 0) + times

    def fits(self, mark: str) -> int:
        """Return how many cells read with this decimal mark."""
        own = self.point if mark == "." else self.comma
        return self.same.count + self.either.count + own.count

    @property
    def total(self) -> int:
        """Return how many cells were counted."""
        return self.fits(".") + self.comma.count + self.neither.count

    @property
    def is_number(self) -> bool:
        """Whether nearly all cells are numbers in one reading."""
        return self.total > 0 and max(self.fits("."), self.fits(",")) * 10 >= self.total * 9


@lru_cache(maxsize=20_000)
def form_of(text: str) -> NumberForm:
    """Return what a cell's text is as a number."""
    if len(text) > _LONGEST:
        return NumberForm("neither", None, None, "")
    point, comma = parse_number(text, "."), parse_number(text, ",")
    currency = sign_in(text) if point is not None or comma is not None else ""
    return NumberForm(_KINDS[point is not None, comma is not None, point == comma], point, comma, currency)


_KINDS: Final[Mapping[tuple[bool, bool, bool], str]] = {
    (True, True, True): "same",
    (True, True, False): "either",
    (True, False, False): "point",
    (False, True, False): "comma",
    (False, False, True): "neither",
}
