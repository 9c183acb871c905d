"""What stands between cells and round them, and where the headings are."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.doors.files.layout import find_headings, find_layout

cells = st.text(st.sampled_from(list("abc 1,;.'")), min_size=1, max_size=8)


@given(
    st.lists(st.tuples(cells, cells, cells, st.integers(0, 999)), min_size=3, max_size=20),
    st.sampled_from([";", "\t", "|"]),
)
def test_what_the_csv_module_writes_is_split_the_same(rows, delimiter):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    layout = find_layout(file.getvalue().splitlines(keepends=True))
    assert (layout.delimiter, layout.quote, layout.width) == (delimiter, '"', 4)


@pytest.mark.parametrize(
    ("text", "delimiter", "quote", "escape"),
    [
        ("No;Date;Betrag\n1;03.05.2026;1.234,56\n2;03.05.2026;5,00\n", ";", '"', ""),
        ("sep=;\nNo;Date;Betrag\n1;03.05.2026;1,5\n", ";", '"', ""),
        ("No,Name,Sum\n1,'a, b',5\n2,'c, d',6\n3,'e','7'\n", ",", "'", ""),
        ('No,Name,Sum\n1,"say \\"a\\", b",5\n2,"c, d",6\n', ",", '"', "\\"),
        ("Report\n\nNo\tDate\tSum\n1\t2026-05-03\t1,234.00\n2\t2026-05-03\t1,234.00\n", "\t", '"', ""),
    ],
)
def test_layouts_of_real_exports(text, delimiter, quote, escape):
    layout = find_layout(text.splitlines(keepends=True))
    assert (layout.delimiter, layout.quote, layout.escape, layout.width) == (delimiter, quote, escape, 3)


def test_headings_are_the_first_whole_row_of_words():
    assert find_headings([["Report 2026", "", ""], ["No", "Date", "Sum"], ["1", "2026-05-03", "5"]], 3) == 1
    assert find_headings([["1", "2026-05-03", "5"]], 3) is None
