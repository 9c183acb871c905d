"""Exported cells: nothing in them is run by a spreadsheet."""

import pytest

from orders.rejects.service import _defused


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1+1", "-2*cmd|' /C calc'!A0", "-x", "@SUM(A1)", "\t=1", "\r=1", "-"]
)
def test_cell_that_begins_like_a_formula_is_marked_as_text(cell):
    assert _defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1", "-1.50", "-1,234.50", "5", "", "A=1", "C536379"])
def test_numbers_and_plain_texts_stay(cell):
    assert _defused(cell) == cell
