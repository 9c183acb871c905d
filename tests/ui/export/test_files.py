"""The same cells as CSV and as a workbook: types stay, nothing runs, nothing is lost in silence."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from prm.ui.export import csv_file, workbook
from prm.ui.export.answers import exported
from prm.ui.export.cells import Amount, Ratio, Sheet, cell_of


def sheet(*rows, heads=("A",)):
    return Sheet("list", heads, rows)


def as_csv(*rows):
    text = "".join(csv_file.lines(sheet(*rows)))
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    return list(csv.reader(io.StringIO(text[1:])))[1:]


def as_xlsx(*rows):
    return (
        CalamineWorkbook.from_filelike(workbook.written(sheet(*rows))).get_sheet_by_index(0).to_python()[1:]
    )


@pytest.mark.parametrize(
    ("cell", "text", "typed"),
    [
        ("00123", "00123", "00123"),
        ("Zoë Ångström 東", "Zoë Ångström 東", "Zoë Ångström 東"),
        (Amount(Decimal("1234.5"), "USD"), "1234.50", 1234.5),
        (Amount(Decimal("1234.5"), "JPY"), "1235", 1235.0),
        (Amount(Decimal("0.0005"), "KWD"), "0.001", 0.001),
        (Amount(Decimal(-3), "EUR"), "-3.00", -3.0),
        (Ratio(Decimal("0.43")), "0.43", 0.43),
        (7, "7", 7.0),
        (Decimal("1E+3"), "1000", 1000.0),
        (True, "yes", "yes"),
        (date(2026, 11, 20), "2026-11-20", date(2026, 11, 20)),
        (datetime(2026, 11, 20, 9, 40), "2026-11-20 09:40:00", datetime(2026, 11, 20, 9, 40)),
        # More digits, or an earlier day, than a workbook can hold as a number.
        (12345678901234567, "12345678901234567", "12345678901234567"),
        (date(1899, 12, 31), "1899-12-31", "1899-12-31"),
        ("https://x.example/", "https://x.example/", "https://x.example/"),
        ("line\nbreak", "line\nbreak", "line\nbreak"),
    ],
)
def test_a_cell_keeps_its_type(cell, text, typed):
    assert as_csv([cell, "end"]) == [[text, "end"]]
    assert as_xlsx([cell, "end"]) == [[typed, "end"]]


@pytest.mark.parametrize(
    "evil", ["=1+1", "+1", "-x", "@SUM(A1)", "\uff1d1+1", "\t=1", '=HYPERLINK("http://x")']
)
def test_nothing_runs_in_either_file(evil):
    assert as_csv([evil]) == [[f"'{evil}"]]
    file = workbook.written(sheet([evil]))
    with ZipFile(file) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert 'quotePrefix="1"' in parts.read("xl/styles.xml").decode()
        assert not [name for name in parts.namelist() if "hyperlink" in name.lower()]


def test_nothing_is_an_empty_cell():
    assert as_csv([None, "", "end"]) == [["", "", "end"]]
    assert as_xlsx([None, "", "end"]) == [["", "", "end"]]


def test_a_moment_is_written_in_the_time_zone_of_the_page():
    with timezone.override("America/New_York"):
        assert cell_of(datetime(2026, 11, 20, 3, tzinfo=UTC)) == datetime(2026, 11, 19, 22)


def test_a_list_too_long_for_a_workbook_is_refused_in_words():
    answer = exported("xlsx", sheet(), rows=workbook.MOST_ROWS + 1)
    assert answer.status_code == 413
    assert b"export it as CSV" in answer.content


def test_memory_does_not_grow_with_the_list():
    def used(rows):
        tracemalloc.start()
        workbook.written(
            Sheet("list", ["A"], ([f"text {n}", n, Amount(Decimal(n), "USD")] for n in range(rows)))
        ).close()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert used(6_000) < used(1_000) + 1_000_000


def test_csv_comes_piece_by_piece():
    """The first lines are sent before the last rows are read."""
    read = []

    def rows():
        for number in range(10):
            read.append(number)
            yield [number]

    pieces = csv_file.lines(Sheet("list", ["A"], rows()))
    assert (next(pieces), next(pieces)) == ("\N{ZERO WIDTH NO-BREAK SPACE}A\r\n", "0\r\n")
    assert read == [0]
