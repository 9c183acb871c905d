"""How the dates and numbers of a column are written: proved over all its cells, or a question."""

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from orders.proof.date_findings import date_findings
from orders.proof.finding import Place
from orders.proof.tally import ColumnTally
from prm.bringing import Column, Type
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant

DATES: Final = (Type.DAY, Type.MOMENT)
NUMBERS: Final = (Type.WHOLE, Type.NUMBER)
_MARKS: Final = {".": "Point before the fraction, 1,234.50", ",": "Comma before the fraction, 1.234,50"}


class Choice(TypedDict):
    """One way to read a column: what it is called, what it reads, and the formats of dates or the decimal mark."""

    key: str
    label: str
    note: str
    formats: list[str]
    mark: str


class ColumnReading(TypedDict):
    """What was found of a column: in words, the ways to read it, and the key of the one chosen ("": a person says)."""

    evidence: str
    choices: list[Choice]
    chosen: str


def readings_of(
    columns: Mapping[Column, int], tallies: Sequence[ColumnTally], asked: Mapping[str, ColumnReading]
) -> dict[str, ColumnReading]:
    """Return how each column with dates or numbers is read, by its place; what was chosen before (`asked`) holds."""
    found: dict[str, ColumnReading] = {}
    for column, place in columns.items():
        tally = tallies[place]
        if not tally.filled or column.type not in (*DATES, *NUMBERS):
            continue
        reading = _of_dates(tally) if column.type in DATES else _of_numbers(tally)
        before = asked[str(place)]["chosen"] if str(place) in asked else ""
        if before in [choice["key"] for choice in reading["choices"]]:
            reading["chosen"] = before
        found[str(place)] = reading
    return found


def _of_dates(tally: ColumnTally) -> ColumnReading:
    tenant = current_tenant()
    finding = date_findings(tally, Place(tenant.timezone, tenant.currency))[0]
    choices = [
        Choice(key=one.key, label=one.label, note=one.note, formats=_formats(one.changes), mark=".")
        for one in finding.readings
    ]
    return ColumnReading(evidence=finding.evidence, choices=choices, chosen=finding.chosen)


def _formats(changes: Mapping[str, object]) -> list[str]:
    formats = changes.get("date_formats")
    return [str(one) for one in formats] if isinstance(formats, list) else ["iso"]


def _of_numbers(tally: ColumnTally) -> ColumnReading:
    numbers = tally.numbers
    point, comma = numbers.point.count, numbers.comma.count
    choices = [
        Choice(
            key=mark,
            label=label,
            note=f"reads {figure(numbers.fits(mark))} of {figure(numbers.total)}",
            formats=[],
            mark=mark,
        )
        for mark, label in _MARKS.items()
        if numbers.fits(mark)
    ]
    chosen = "." if point and not comma else "," if comma and not point else ""
    if not numbers.either.count and not (point and comma):
        chosen = chosen or "."
    evidence = (
        f"{figure(numbers.either.count)} numbers can be read with either mark, such as {numbers.either.text}"
        if numbers.either.count
        else f"{figure(numbers.total)} numbers"
    )
    return ColumnReading(evidence=evidence, choices=choices, chosen=chosen if choices else "none")


def open_places(readings: Mapping[str, ColumnReading]) -> list[int]:
    """Return the places of columns that nobody has decided yet."""
    return [int(place) for place, reading in readings.items() if not reading["chosen"]]


def chosen_of(readings: Mapping[str, ColumnReading], place: int) -> Choice:
    """Return the way in which a column is read."""
    reading = readings.get(str(place))
    for choice in reading["choices"] if reading else ():
        if reading and choice["key"] == reading["chosen"]:
            return choice
    return Choice(key="", label="", note="", formats=["iso"], mark=".")
