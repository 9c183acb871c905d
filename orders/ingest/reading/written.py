"""Staged values as cells that their source reads again to the same, for rejected lines whose own cells were not kept."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from orders.ingest.cells import Cells
from orders.ingest.reading.composing import plain
from orders.ingest.reading.identifiers import DATE_CELL
from orders.sources.credits import BEFORE_PERCENT, BETWEEN
from orders.sources.spec import CREDIT, NUMBER_PARTS, SHARED_BETWEEN, Spec
from prm.core.money import currency_decimals

_MONEY: Final = ("unit_price", "amount")
_SEPARATOR: Final = "|"


def as_cells(staged: Mapping[str, str], spec: Spec) -> Cells:
    """Return the cells of a line by field, in the form of its source; what the source has no column for is left out.

    In: values as they are staged, texts unescaped, `date` with its offset, numbers with a point.
    """
    cells = dict(staged)
    if "date" in cells:
        # Read as it stands, whatever formats and zone the source has.
        cells["date"] = f"{cells['date']}{DATE_CELL}"
    cells |= dict(_of_number(cells.pop("number", ""), spec))
    cells |= dict(_of_code(cells.pop("code", ""), spec))
    cells |= _of_amounts(cells, spec)
    return {name: cell for name, cell in cells.items() if name in spec.fields and cell != ""}


def _of_number(number: str, spec: Spec) -> Iterator[tuple[str, str]]:
    if spec.cancellations.types and number.endswith(CREDIT):
        number = number.removesuffix(CREDIT)
        yield "type", spec.cancellations.types[0]
    parts = [name for name in NUMBER_PARTS if name in spec.fields]
    texts = number.split(_SEPARATOR, len(parts) - 1) if len(parts) > 1 else [number]
    for name, text in zip(parts, texts, strict=False):
        yield name, text.replace("%7C", _SEPARATOR) if len(parts) > 1 else text


def _of_code(code: str, spec: Spec) -> Iterator[tuple[str, str]]:
    """Yield whose order it is; of credit that is shared each part in the column, or the columns, of the source."""
    parts = [(one, percent) for one, _, percent in (p.partition(BEFORE_PERCENT) for p in code.split(BETWEEN))]
    yield "code", parts[0][0]
    if not code or (len(parts) == 1 and "code" in spec.fields):
        return
    marked = [(one, percent.replace(".", spec.decimal_mark)) for one, percent in parts]
    if "credit" in spec.fields:
        yield "credit", ";".join(f"{one}:{percent}" if percent else one for one, percent in marked)
    for (credit, share), (one, percent) in zip(SHARED_BETWEEN, marked, strict=False):
        yield credit, one
        yield share, percent or "100"


def _of_amounts(cells: Mapping[str, str], spec: Spec) -> dict[str, str]:
    numbers = {name: Decimal(cells[name]) for name in ("quantity", *_MONEY) if cells.get(name)}
    if spec.minor_units:
        places = currency_decimals(cells.get("currency", "") or spec.currency or "USD")
        numbers |= {name: number.scaleb(places) for name, number in numbers.items() if name in _MONEY}
    if "amount" in numbers and "amount" not in spec.fields and "unit_price" in numbers:
        numbers |= _difference(numbers, spec)
    return {name: plain(number).replace(".", spec.mark_of(name)) for name, number in numbers.items()}


def _difference(numbers: Mapping[str, Decimal], spec: Spec) -> dict[str, Decimal]:
    """Return what makes the amount of quantity and price: as tax or shipping with its sign, else as a discount."""
    gross = numbers.get("quantity", Decimal(1)) * numbers["unit_price"]
    more = numbers["amount"] - gross
    if not more:
        return {}
    signed = next((name for name in ("tax", "shipping") if name in spec.fields), None)
    if signed:
        return {signed: more}
    if "discount" in spec.fields and (more < 0) == (gross >= 0):
        return {"discount": abs(more)}
    if "refund" in spec.fields and more < 0:
        return {"refund": abs(more)}
    return {"discount_percent": -more / gross * 100} if gross else {}
