"""How the dates of a column are read: the order that some of them decide, or the question that none does."""

from typing import Final

from orders.proof.counts import Count
from orders.proof.date_tally import ORDERS, DateTally
from orders.proof.finding import Finding, Place, Reading
from orders.proof.tally import ColumnTally
from orders.sources.spec import FIELDS
from prm.core.notation.reader import figure

_EXAMPLES: Final = {"dmy": "23/11/2026", "mdy": "11/23/2026", "ymd": "2026/11/23"}


def date_findings(tally: ColumnTally, place: Place) -> list[Finding]:
    """Return how the dates of a column are read, and in which zone when they have a time."""
    return [_date_finding(tally), *_zone_finding(tally, place)]


def _date_finding(tally: ColumnTally) -> Finding:
    dates = tally.dates
    here = ("date", FIELDS["date"], tally.heading)
    if dates.typed and not (dates.total - dates.by_orders.get("", Count()).count):
        evidence = f"{figure(dates.typed)} date cells of the workbook: they need no format"
        return Finding(
            *here, evidence, [Reading("typed", "Date cells", "", {"date_formats": ["iso"]})], "typed"
        )
    readings = [date_reading(dates, order) for order in ORDERS if dates.fits(order)]
    if dates.serial.count * 2 > dates.total:
        note = f"{figure(dates.serial.count)} such as {dates.serial.text}"
        changes: dict[str, object] = {"date_formats": ["excel"]}
        reading = Reading("excel", "Days as a spreadsheet counts them", note, changes)
        return Finding(*here, f"{note}; {_unread(dates, dates.serial.count)}", [reading], "excel")
    if not readings:
        return Finding(*here, "No cell can be read as a date. Take another column", [], "")
    return _order_finding(here, dates, readings)


def _order_finding(here: tuple[str, str, str], dates: DateTally, readings: list[Reading]) -> Finding:
    fits = {order: dates.fits(order) for order in ORDERS}
    best = max(fits, key=lambda order: fits[order])
    # Year first of four figures goes with either order; what is left is day against month.
    rivals = [order for order in ("dmy", "mdy") if fits[order]]
    if best == "ymd" and not _rivals_of_year(dates):
        readings = [reading for reading in readings if reading.key == "ymd"]
        return Finding(
            *here,
            f"{figure(fits['ymd'])} have the year first; {_unread(dates, fits['ymd'])}",
            readings,
            "ymd",
        )
    day, month = _only(dates, "dmy"), _only(dates, "mdy")
    both = sum(count.count for key, count in dates.by_orders.items() if {"dmy", "mdy"} <= set(key.split()))
    evidence = f"{figure(both)} dates fit both readings, {_some(day.count)} only day first, {_some(month.count)} only month first"
    if unread := dates.by_orders.get("", Count()):
        evidence += f"; {_unread(dates, dates.total - unread.count)}" if unread.count else ""
    lines = [(count.line, count.text) for count in (day, month) if count.count]
    chosen = "dmy" if day.count and not month.count else "mdy" if month.count and not day.count else ""
    if len(rivals) == 1 and not both:
        chosen = rivals[0]
    if _two_figures_first(dates):
        chosen = ""
    if day.count and month.count:
        evidence += (
            f". Both stand in one column: line {figure(day.line)} to {figure(day.last)} day first, {figure(month.line)} to {figure(month.last)}"
            " month first. Split the file if each part has its own"
        )
    return Finding(*here, evidence, readings, chosen, lines=lines)


def _rivals_of_year(dates: DateTally) -> int:
    """Return how many cells with the year first can be read with the day first as well (26/05/03)."""
    return sum(count.count for key, count in dates.by_orders.items() if "ymd" in key.split() and key != "ymd")


def _two_figures_first(dates: DateTally) -> bool:
    return (
        dates.fits("ymd") > 0
        and dates.fits("ymd") >= max(dates.fits("dmy"), dates.fits("mdy"))
        and _rivals_of_year(dates) > 0
    )


def _only(dates: DateTally, order: str) -> Count:
    """Return the cells that one of day first and month first reads and the other does not."""
    other = {"dmy": "mdy", "mdy": "dmy"}[order]
    total = Count()
    for key, count in dates.by_orders.items():
        if order in key.split() and other not in key.split():
            if not total.count or count.line < total.line:
                total.line, total.text = count.line, count.text
            total.count += count.count
            total.last = max(total.last, count.last)
    return total


def date_reading(dates: DateTally, order: str) -> Reading:
    """Return an order of dates as a reading, with the formats that the cells have in it."""
    formats = sorted(dates.formats[order].items(), key=lambda item: -item[1])
    patterns = [pattern for pattern, _ in formats]
    # With either order go dates that have their year of four figures in front.
    if order != "ymd":
        patterns += [p for p in dates.formats.get("ymd", {}) if p == "iso" or p.startswith("%Y")]
    months = sorted(dates.months[order])
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    note = f"reads {figure(dates.fits(order))} of {figure(dates.total)}, {span}"
    label = f"{ORDERS[order]}, {_EXAMPLES[order].replace('/', _mark_in(patterns[0]))}"
    return Reading(order, label, note, {"date_formats": patterns[:8]})


def _mark_in(pattern: str) -> str:
    return "-" if pattern == "iso" else pattern[2] if pattern[2] != "%" else ""


def _unread(dates: DateTally, read: int) -> str:
    left = dates.total - read
    if not left:
        return "all can be read"
    other = dates.by_orders.get("", Count())
    return f"{figure(left)} cannot be read" + (
        f", first in line {figure(other.line)}: “{other.text}”" if other.text else ""
    )


def _some(count: int) -> str:
    return f"{figure(count)}" if count else "none"


def _zone_finding(tally: ColumnTally, place: Place) -> list[Finding]:
    dates = tally.dates
    if dates.zone_names.count:
        text = f"{figure(dates.zone_names.count)} cells name a zone by letters, such as “{dates.zone_names.text}”: those lines are rejected"
        reading = Reading("tenant", place.zone, "", {"timezone": ""})
        return [Finding("timezone", "Time zone", tally.heading, text, [reading], "tenant")]
    if not dates.times:
        return []
    if dates.offsets == dates.times:
        evidence = f"All {figure(dates.times)} times carry their own offset"
        return [
            Finding(
                "timezone",
                "Time zone",
                tally.heading,
                evidence,
                [Reading("own", "As written", "", {})],
                "own",
            )
        ]
    without = dates.times - dates.offsets
    evidence = f"{figure(without)} times name no zone; yours is {place.zone}"
    reading = Reading("tenant", place.zone, "", {"timezone": ""})
    return [Finding("timezone", "Time zone", tally.heading, evidence, [reading], "tenant")]
