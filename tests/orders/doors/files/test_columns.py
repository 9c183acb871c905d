"""Columns are found by heading or number, whatever the order of the file's columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.doors.files.columns import find_columns
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec

HEADINGS = {"number": "Order No", "date": "Placed", "amount": "Amount"}
SPEC = Spec(columns=HEADINGS)


def found(header, spec=SPEC):
    return find_columns(header, spec, name="may.csv", line=1)


@given(st.permutations([*HEADINGS.values(), "Patient", "Ward"]))
def test_any_order_of_columns_is_found(header):
    columns = found(header)
    assert {field: header[place] for field, place in columns.index.items()} == HEADINGS
    assert (columns.width, columns.header) == (5, list(header))


@given(st.sampled_from(["ORDER NO", " order  no ", "Order\tNo", "\ufeffOrder No"]))
def test_case_spacing_and_a_byte_order_mark_do_not_matter(heading):
    assert found([heading, "placed", "AMOUNT"]).index["number"] == 0


def test_all_missing_headings_are_named_at_once_with_guesses():
    with pytest.raises(BrokenFile) as caught:
        found(["Order No", "Placd", "Sum"])
    message = caught.value.message
    assert "There is no column 'Placed' (order date). Did you mean 'Placd'?" in message
    assert "There is no column 'Amount' (amount)." in message
    assert message.endswith("The file has: Order No, Placd, Sum.")


@given(st.integers(1, 9), st.integers(1, 9))
def test_columns_by_number_fit_or_are_refused(place, width):
    spec = Spec(columns={"number": place, "date": 10, "amount": 11}, header=False)
    cells = ["x"] * (width + 11)
    assert found(cells, spec).index == {"number": place - 1, "date": 9, "amount": 10}
    with pytest.raises(BrokenFile, match="Amount should be in column 11"):
        found(cells[:10], spec)
