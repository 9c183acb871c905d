"""Rows of CSV come whole with the line each begins in, whatever the portions they are read in."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from orders.doors.files.csv_rows import CsvRows, is_rule, line_numbers
from orders.doors.files.table import FileTable
from orders.sources.spec import Spec

COLUMNS = {"number": "No", "date": "Date", "amount": "Amount"}
SPEC = Spec(columns=COLUMNS)
cells = st.text(st.sampled_from(list('ab,"\n\r ;=')), max_size=6)
tables = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8)


def written(rows):
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["No", "Date", "Amount"], *rows])
    return file.getvalue().encode()


def read(content, size):
    raw = io.BufferedReader(io.BytesIO(content))
    table = FileTable(raw, CsvRows(raw, None, "utf-8", SPEC, "may.csv"), SPEC, "may.csv")
    return [
        (line, row) for chunk in table.chunks(size) for line, row in zip(chunk.lines, chunk.rows, strict=True)
    ]


@given(tables, st.integers(1, 5))
@example([["", "", "===="]], 1)
@example([["", "", "====\r"], ["", "", ""]], 1)
def test_rows_are_the_same_in_portions_of_any_size(rows, size):
    content = written(rows)
    assert read(content, size) == read(content, 500)
    assert [row for _, row in read(content, size)] == [
        [] if is_rule("".join(row).strip(" ")) else row for row in rows
    ]


@given(tables)
def test_line_numbers_count_physical_lines(rows):
    found = read(written(rows), 500)
    line = 2
    for begins, row in found:
        assert begins == line
        ends = sum(
            cell.replace("\r\n", "\n").count("\n") + cell.replace("\r\n", "\n").count("\r") for cell in row
        )
        line += 1 + ends


def test_missing_lines_between_rows_are_counted():
    assert line_numbers([["a"], ["b"], ["c"]], before=1, torn={3, 4}) == [2, 5, 6]
