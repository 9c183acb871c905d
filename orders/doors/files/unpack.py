"""Writes one sheet of a workbook as rows of text, for `orders.doors.files.workbook`.

Run as a script, in a process of its own with little memory: a workbook of a few kilobytes can ask for
gigabytes (one cell in the last corner of a sheet, sizes that the archive understates), and the library
that reads workbooks then ends its process. `unpack.py FILE SHEET MARK SIGNS` writes one JSON list per row to standard
output; SHEET is a name or empty for the first sheet that is not hidden, MARK the decimal mark to write numbers
with, SIGNS the signs and codes that stand for one currency alone. What is wrong goes to standard error, with exit status 1.

Cells have types here, and text is made of them that means the same: a number has no marks but the decimal one, a
date is in ISO form and says that it was a date (no format of a source reads it), a whole number that its
format shows with leading zeros has them, and what its format shows as per cent or as money of a currency says so.
"""

import datetime as dt
import json
import re
import resource
import sys
import zipfile
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET  # nosec B405 # in a process with little memory and time

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY: Final = 1024**3
# As `orders.ingest.reading.identifiers.DATE_CELL`, which this script cannot import.
DATE_CELL: Final = " (date cell)"

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BLOCK: Final = 1 << 20
# A format of nothing but zeros and fixed signs, as of postal codes and customer numbers.
_FIXED: Final = re.compile(r'(?:0|\\.|"[^"]*"|[-/ ()])+')
_SIGN: Final = re.compile(r'0|\\(.)|"([^"]*)"|([-/ ()])')
_CELL: Final = re.compile(r"([A-Z]+)([0-9]+)")
# Numbers of the formats `0%` and `0.00%`, which no workbook writes down.
_PERCENT_FORMATS: Final = ("9", "10")
_NAMED_SIGN: Final = re.compile(r'\[\$([^\]-]+)[^\]]*\]|"([^"]+)"|\\(.)|([^\x00-\x7f])')
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
# What a format says beside zeros: per cent, money (with its sign behind), the text that is shown (behind).
_PERCENT: Final = "%"
_MONEY: Final = "\u00a4"
_TEXT: Final = "="
_MOST_REPEATED: Final = 100_000

Masks = dict[tuple[int, int], str]


def main() -> int:
    """Write the rows; return the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    path, wanted, mark, signs = sys.argv[1:]
    try:
        book = CalamineWorkbook.from_path(path)
        name = chosen(book, wanted)
        masks = masks_of(path, name, signs.split())
        sheet = book.get_sheet_by_name(name)
        # The rows begin at the sheet's first line, but at the first column that is used.
        left = (sheet.start or (0, 0))[1]
        for line, row in enumerate(sheet.iter_rows()):
            cells = [text(cell, mark, masks.get((line, left + place), "")) for place, cell in enumerate(row)]
            sys.stdout.write(json.dumps([""] * left + cells) + "\n")
    except (CalamineError, ET.ParseError, KeyError, OSError, ValueError, IndexError) as error:
        print(error.args[0] if isinstance(error, KeyError) else error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def chosen(book: CalamineWorkbook, wanted: str) -> str:
    """Return the name of the sheet to read. Raises `ValueError` when there is none."""
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if wanted:
        same: list[str] = [
            sheet.name for sheet in sheets if sheet.name.strip().casefold() == wanted.casefold()
        ]
        if not same:
            raise ValueError(
                f"there is no sheet {wanted!r}, as the source says. It has: {', '.join(s.name for s in sheets)}"
            )
        return same[0]
    seen: list[str] = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    if not seen:
        raise ValueError("all its sheets are hidden. Name the one to read in the source")
    return seen[0]


def text(value: object, mark: str = ".", mask: str = "") -> str:
    """Return a cell as text: whole numbers without ".0", moments in ISO form with a word that says so."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value, mark, mask)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ") + DATE_CELL
    if isinstance(value, dt.date):
        return value.isoformat() + DATE_CELL
    return str(value)


def _number(value: float, mark: str, mask: str) -> str:
    if mask == _PERCENT:
        return f"{Decimal(repr(value)) * 100:f}".replace(".", mark) + "%"
    if mask.startswith(_MONEY):
        return f"{_number(value, mark, '')} {mask[1:]}"
    if mask.startswith(_TEXT):
        return mask[1:]
    if value.is_integer() and abs(value) < 1e15:
        return masked(int(value), mask) if mask and value >= 0 else str(int(value))
    return repr(value).replace(".", mark)


def masked(number: int, mask: str) -> str:
    """Return a whole number as a format of zeros shows it: 123 by `00000` as 00123."""
    digits = list(str(number).zfill(mask.count("0")))
    shown: list[str] = []
    places = list(_SIGN.finditer(mask))
    for sign in reversed(places):
        if sign[0] == "0":
            shown.append(digits.pop())
        else:
            shown.append("".join(part for part in sign.groups() if part is not None))
    first = next(place for place, sign in enumerate(places) if sign[0] == "0")
    shown.reverse()
    return "".join([*shown[:first], *digits, *shown[first:]])


# --- what the library does not tell: formats, and formulas that were never computed -------------------


def masks_of(path: str, sheet: str, signs: Collection[str] = ()) -> Masks:
    """Return the formats of zeros, per cent and money (`signs`) of a sheet's numbers, by line and column from 0.

    Raises `ValueError` for a formula without a value: it was written by a program, and nothing has computed it.
    """
    with zipfile.ZipFile(path) as parts:
        if "xl/workbook.xml" not in parts.namelist():
            return _masks_of_ods(parts, sheet, signs)
        part = _part_of(parts, sheet)
        styles = _styles(parts, signs)
        if part is None or not (styles or _mentions_formulas(parts, part)):
            return {}
        masks: Masks = {}
        for cell in _cells(parts, part):
            style, value = cell.get("s", ""), cell.find(f"{_MAIN}v")
            if cell.find(f"{_MAIN}f") is not None and value is None and cell.get("t") != "str":
                raise ValueError(
                    f"the formula in {cell.get('r')} of {sheet!r} has no value saved with it. Open the workbook in a"
                    " spreadsheet and save it"
                )
            if (
                style in styles
                and cell.get("t", "n") == "n"
                and (place := _CELL.fullmatch(cell.get("r", "")))
            ):
                masks[int(place[2]) - 1, _column(place[1])] = styles[style]
        return masks


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """Return where in the archive a sheet lies."""
    links = {e.get("Id"): e.get("Target", "") for e in _tree(parts, "xl/_rels/workbook.xml.rels")}
    for element in _tree(parts, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        if element.get("name") == sheet:
            target = links.get(element.get(_LINK), "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return part if part in parts.namelist() else None
    return None


def _styles(parts: zipfile.ZipFile, signs: Collection[str]) -> dict[str, str]:
    """Return the formats of at least two zeros, of per cent and of money, by the number of their style."""
    if "xl/styles.xml" not in parts.namelist():
        return {}
    tree = _tree(parts, "xl/styles.xml")
    formats = {
        e.get("numFmtId"): e.get("formatCode", "").partition(";")[0] for e in tree.iter(f"{_MAIN}numFmt")
    }
    styles = {}
    for number, style in enumerate(tree.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")):
        mask = formats.get(style.get("numFmtId"), "")
        if _FIXED.fullmatch(mask) and sum(sign[0] == "0" for sign in _SIGN.finditer(mask)) >= 2:
            styles[str(number)] = mask
        elif style.get("numFmtId") in _PERCENT_FORMATS or "%" in _QUOTED.sub("", mask):
            styles[str(number)] = _PERCENT
        elif sign := _sign_in(mask, signs):
            styles[str(number)] = _MONEY + sign
    return styles


def _sign_in(mask: str, signs: Collection[str]) -> str:
    """Return the sign or code of one currency that a format shows, "" for none."""
    found = ("".join(part or "" for part in sign.groups()).strip() for sign in _NAMED_SIGN.finditer(mask))
    return next((sign for sign in found if sign in signs), "")


_ODS: Final = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _OFFICE, _P = _ODS % "table", _ODS % "office", f"{_ODS % 'text'}p"


def _masks_of_ods(parts: zipfile.ZipFile, sheet: str, signs: Collection[str]) -> Masks:
    """Return what an ODS says of its numbers beside their values: per cent, the currency, zeros that it shows."""
    masks: Masks = {}
    line, is_here = 0, False
    with parts.open("content.xml") as file:
        for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 # nosec B314 # as above
            if element.tag == f"{_TABLE}table":
                is_here = event == "start" and element.get(f"{_TABLE}name") == sheet
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                if is_here:
                    for column, mask in _masks_of_row(element, signs):
                        masks |= {(line + n, column): mask for n in range(min(times, _MOST_REPEATED))}
                    line += times
                element.clear()
    return masks


def _masks_of_row(row: ET.Element, signs: Collection[str]) -> Iterator[tuple[int, str]]:
    column = 0
    for cell in row:
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if mask := _mask_of_ods_cell(cell, signs):
            for place in range(column, column + min(times, _MOST_REPEATED)):
                yield place, mask
        column += times


def _mask_of_ods_cell(cell: ET.Element, signs: Collection[str]) -> str:
    match cell.get(f"{_OFFICE}value-type"):
        case "percentage":
            return _PERCENT
        case "currency":
            code = cell.get(f"{_OFFICE}currency", "")
            return _MONEY + code if code in signs else ""
        case "float":
            shown = "".join(cell.find(_P).itertext()) if cell.find(_P) is not None else ""  # type: ignore[union-attr]
            return _TEXT + shown if re.fullmatch("0[0-9]+", shown) else ""
    return ""


def _mentions_formulas(parts: zipfile.ZipFile, part: str) -> bool:
    with parts.open(part) as file:
        before = b""
        while block := file.read(_BLOCK):
            if b"<f>" in before + block or b"<f " in before + block or b"<f/" in before + block:
                return True
            before = block[-2:]
    return False


def _cells(parts: zipfile.ZipFile, part: str) -> Iterator[ET.Element]:
    with parts.open(part) as file:
        for _, element in ET.iterparse(file):  # noqa: S314 # nosec B314 # in a process with little memory and time
            if element.tag == f"{_MAIN}c":
                yield element
            elif element.tag == f"{_MAIN}row":
                element.clear()


def _tree(parts: zipfile.ZipFile, part: str) -> ET.Element:
    return ET.fromstring(parts.read(part))  # noqa: S314 # nosec B314 # in a process with little memory and time


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


if __name__ == "__main__":
    raise SystemExit(main())
