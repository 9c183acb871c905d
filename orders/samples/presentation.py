"""What the page of choices shows: findings with their choices, the first rows as they will be read, sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.forms import BoundField

from orders.ingest.errors import BadCell
from orders.ingest.reading.numbers import parse_number
from orders.ingest.reading.texts import unescape
from orders.ingest.service import rules_for
from orders.proof.choices import open_findings, reading_of, spec_from
from orders.proof.finding import Finding
from orders.proof.findings import NUMERIC
from orders.proof.study import Study
from orders.samples.forms import ReadingsForm
from orders.sources.spec import FIELDS, Spec
from prm.core.schema import SchemaError
from prm.tenancy.context import current_tenant
from prm.ui.formatting import clock, day, number

_SHOWN = ("number", "date", "code", "quantity", "unit_price", "amount", "state")


class Choice(NamedTuple):
    """One answer of a finding."""

    key: str
    label: str
    note: str
    is_chosen: bool


class Line(NamedTuple):
    """One finding as the page shows it; `field` is None where there is nothing to choose."""

    finding: Finding
    read_as: str
    field: BoundField | None
    choices: list[Choice]
    errors: Sequence[str]


class ShownCell(NamedTuple):
    """A cell as it will be read, or as written with `is_open` when nobody knows yet."""

    text: str
    is_number: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What the file comes to as it is read now; "" for what is not known."""

    orders: str
    amount: str
    below: str
    agrees: bool | None
    span: str


def lines_of(form: ReadingsForm) -> list[Line]:
    """Return the findings in order, with their choices."""
    lines = []
    for place, finding in enumerate(form.findings):
        name = f"reading_{place}"
        field = form[name] if name in form.fields else None
        value = str(field.value() or "") if field else finding.chosen
        choices = [Choice(r.key, r.label, r.note, r.key == value) for r in finding.readings] if field else []
        label = next((r.label for r in finding.readings if r.key == finding.chosen), "")
        open_words = "No reading fits" if not finding.readings else f"{len(finding.readings)} readings fit"
        lines.append(
            Line(
                finding,
                label or open_words,
                field,
                choices,
                [str(error) for error in field.errors] if field else [],
            )
        )
    return lines


def rows_of(
    found: Study, columns: Mapping[str, int], findings: Sequence[Finding], answers: Mapping[str, str]
) -> tuple[list[str], list[list[ShownCell]]]:
    """Return the headings and first rows as they will be read with these answers."""
    shown = [name for name in _SHOWN if name in columns]
    headings = [FIELDS[name] for name in shown]
    try:
        rules = rules_for(Spec.parse(spec_from(found, columns, findings, answers))).by_field()
    except SchemaError:
        rules = {}
    # Where a question is open, nobody knows how its cells read.
    waiting = {finding.key for finding in open_findings(findings, answers)}
    rows, above = [], ""
    for row in found.first_rows:
        cells = []
        for name in shown:
            raw = row.cells[columns[name]] if columns[name] < len(row.cells) else ""
            cells.append(_cell(name, raw, rules.get(name) if name not in waiting else None))
        # The number of an order of several rows stands on its first one.
        if "number" in shown and (text := cells[0].text) == above:
            cells[0] = cells[0]._replace(text="")
        elif "number" in shown:
            above = text
        rows.append(cells)
    return headings, rows


def _cell(name: str, raw: str, rule: object) -> ShownCell:
    is_number = name in NUMERIC
    if not raw.strip() or not callable(rule):
        return ShownCell(raw, is_number, bool(raw.strip()))
    try:
        text = unescape(rule(raw))
    except BadCell:
        return ShownCell(raw, is_number, is_open=True)
    if name == "date":
        text = _day(text)
    elif is_number and text:
        text = _number(Decimal(text))
    return ShownCell(text, is_number, is_open=False)


def _number(value: Decimal, least: int = 0) -> str:
    """Return a number with all its places, at `least` so many, as the reader writes numbers."""
    return number(value, max(least, -int(value.as_tuple().exponent)))


def _day(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(ZoneInfo(current_tenant().timezone))
    return day(at) if (at.hour, at.minute) == (0, 0) else f"{day(at)} {clock(at)}"


def sums_of(
    found: Study, columns: Mapping[str, int], findings: Sequence[Finding], answers: Mapping[str, str]
) -> Sums:
    """Return what the whole file comes to with these answers, beside the total that stands below it."""
    orders, amount, below, span = "", "", "", ""
    agrees = None
    if "number" in columns:
        orders = number(found.columns[columns["number"]].different)
    for finding in findings:
        key = reading_of(finding, answers)
        if finding.key == "date" and (months := found.columns[columns["date"]].dates.months.get(key)):
            span = f"{min(months)} to {max(months)}" if len(months) > 1 else min(months)
        if finding.key == "amount" and key:
            mark = "," if key == "comma" else "."
            total = Decimal(found.columns[columns["amount"]].numbers.sums[mark])
            amount = _number(total, 2)
            if len(found.totals) == 1 and columns["amount"] < len(found.totals[0].cells):
                below = found.totals[0].cells[columns["amount"]].strip()
                agrees = parse_number(below, mark) == total if below else None
    return Sums(orders, amount, below, agrees, span)
