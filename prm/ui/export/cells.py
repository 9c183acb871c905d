"""What may stand in a cell of an exported list. Types stay: a date is a date, a code of digits a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from django.utils import timezone

from prm.core.money import currency_decimals


@dataclass(frozen=True)
class Amount:
    """An amount of money; written with the decimals of its currency."""

    value: Decimal
    currency: str

    @property
    def decimals(self) -> int:
        """How many decimals its currency has."""
        return currency_decimals(self.currency)

    @property
    def rounded(self) -> Decimal:
        """The amount with that many decimals."""
        return self.value.quantize(Decimal(1).scaleb(-self.decimals), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Ratio:
    """A share of one: 0.43 is 43%."""

    value: Decimal | float


Cell: TypeAlias = "str | int | float | Decimal | bool | date | datetime | Amount | Ratio | None"


@dataclass(frozen=True)
class Sheet:
    """A list to be written: its name (of the file), the heads of its columns, its rows one after the other."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def cell_of(value: object) -> Cell:
    """Return a value of a row as a cell; moments in the active time zone, rows of tables by their name."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if value is None or isinstance(value, str | int | float | Decimal | date | Amount | Ratio):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
