"""CSV that is opened in a spreadsheet: nothing in it runs, and nothing is lost."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prm.core.csv import csv_text, disarm

FORMULA_SIGNS = "=+-@＝＋－＠\t\r\n"
# A quotation mark, a comma and line ends are what a writer gets wrong.
texts = st.text(st.sampled_from(FORMULA_SIGNS + "\"',; 0123456789.aé漢") | st.characters(codec="utf-8"))


def read(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@given(texts)
@example("=1+1")
@example("\r=1+1")
def test_no_text_begins_like_a_formula(text):
    safe = disarm(text)
    is_number = safe[:1] == "-" and safe[1:].replace(".", "").replace(",", "").isdecimal()
    assert is_number or not safe.startswith(tuple(FORMULA_SIGNS))


@given(texts)
def test_only_an_apostrophe_is_ever_added(text):
    assert disarm(text) in (text, f"'{text}")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4))
def test_plain_numbers_are_never_touched(amount):
    assert disarm(f"{amount:f}") == f"{amount:f}"


@pytest.mark.parametrize(
    "text",
    [
        "-1+1",
        "-2*cmd|' /C calc'!A0",
        "-x",
        "--1",
        "-",
        "-1,",
        "+1",
        "-\u0661",
        "- 1",
        "@SUM(A1)",
        "\uff1d1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_what_only_looks_like_a_number_is_disarmed(text):
    assert disarm(text) == f"'{text}"


@given(st.lists(st.lists(texts, min_size=2, max_size=2)))
def test_a_table_is_read_back_cell_by_cell(rows):
    assert read(csv_text(["One", "Two"], rows)) == [
        ["One", "Two"],
        *[[disarm(cell) for cell in row] for row in rows],
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "@SUM", "\t=1", "\r=1"])
def test_text_that_starts_a_formula_is_disarmed_and_other_text_is_not(text):
    assert disarm(text) == f"'{text}"
    assert disarm(f"a{text}") == f"a{text}"


@pytest.mark.parametrize("text", ["-1", "-1.50", "-1,234.50", "5", "", "A=1", "C536379"])
def test_numbers_and_plain_texts_stay(text):
    assert disarm(text) == text


def test_numbers_days_and_nothing_are_written_plainly():
    text = csv_text(["A"], [[Decimal("-1.50"), -3, date(2026, 11, 23), None, True]])
    assert text == "A\r\n-1.50,-3,2026-11-23,,True\r\n"
