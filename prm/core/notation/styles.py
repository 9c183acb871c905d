"""The notations that one can choose from: marks of numbers, patterns of days and times."""

from dataclasses import dataclass
from datetime import date, time
from typing import Final

THIN = "\N{NARROW NO-BREAK SPACE}"
POINT, COMMA = ".", ","


@dataclass(frozen=True, slots=True)
class Notation:
    """Marks of numbers, and patterns of days in the words of `str.format`.

    `short` is a day of this year, `full` one of another; `{month}` is the short name, `{d}` and `{m}` are
    numbers, `{dd}` and `{mm}` the same in two digits.
    """

    key: str
    place: str
    group: str = COMMA
    decimal: str = POINT
    short: str = "{d} {month}"
    full: str = "{d} {month} {year}"
    has_lakhs: bool = False
    has_noon: bool = False

    def number(self, plain: str) -> str:
        """Return `1234567.5` (digits, perhaps a point) with the marks of this notation."""
        whole, _, part = plain.partition(".")
        return self._grouped(whole) + (f"{self.decimal}{part}" if part else "")

    def _grouped(self, whole: str) -> str:
        if not self.has_lakhs:
            return f"{int(whole):,}".replace(",", self.group)
        first, last = whole[:-3], whole[-3:]
        pairs = [first[max(0, end - 2) : end] for end in range(len(first), 0, -2)]
        return self.group.join([*reversed(pairs), last])

    def day(self, value: date, month_name: str, *, with_year: bool) -> str:
        """Return the day, in full with its year."""
        return (self.full if with_year else self.short).format(
            d=value.day,
            m=value.month,
            dd=f"{value.day:02}",
            mm=f"{value.month:02}",
            year=f"{value.year:04}",
            month=month_name,
        )

    def time(self, value: time) -> str:
        """Return `15:40` or `3:40 PM`."""
        if not self.has_noon:
            return f"{value.hour}:{value.minute:02}"
        return (
            f"{value.hour % 12 or 12}:{value.minute:02}\N{NO-BREAK SPACE}{'PM' if value.hour >= 12 else 'AM'}"
        )

    @property
    def example(self) -> str:
        """Return a number and a day written so."""
        return f"{self.number('1234.50')} · {self.day(date(2026, 11, 23), 'Nov', with_year=False)}"


DEFAULT: Final = Notation("", "As usual here")
NOTATIONS: Final = (
    DEFAULT,
    Notation("us", "United States", short="{month} {d}", full="{month} {d}, {year}", has_noon=True),
    Notation("in", "India", has_lakhs=True),
    Notation("de", "Germany, Austria", ".", COMMA, "{d}.{m}.", "{d}.{m}.{year}"),
    Notation("ch", "Switzerland", "\N{RIGHT SINGLE QUOTATION MARK}", POINT, "{d}.{m}.", "{d}.{m}.{year}"),
    Notation("fr", "France", THIN, COMMA, "{dd}/{mm}", "{dd}/{mm}/{year}"),
    Notation("es", "Spain, Italy, Portugal", ".", COMMA, "{d}/{m}", "{d}/{m}/{year}"),
    Notation("nl", "Netherlands", ".", COMMA, "{d}-{m}", "{d}-{m}-{year}"),
    Notation("fi", "Finland, Poland, Czechia", THIN, COMMA, "{d}.{m}.", "{d}.{m}.{year}"),
    Notation("se", "Sweden, ISO 8601", THIN, COMMA, "{year}-{mm}-{dd}", "{year}-{mm}-{dd}"),
)
BY_KEY: Final = {one.key: one for one in NOTATIONS}
NOTATION_CHOICES: Final = [(one.key, f"{one.place}: {one.example}") for one in NOTATIONS]
