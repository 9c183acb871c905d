"""What programs may send: every body is either read or refused with the place of each mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.doors.rest.schema import (
    MOST_LINES,
    MOST_ORDERS,
    IncomingLine,
    IncomingOrder,
    OrderHead,
    read_body,
)
from prm.core.schema import SchemaError

ORDER = {"number": "M-1", "placed_at": "2026-05-03", "amount": "12.25"}

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["orders", "source", "number", "lines", "amount", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def problems(data, schema=IncomingOrder):
    with pytest.raises(SchemaError) as caught:
        schema.parse(data)
    return {problem.field: problem.code for problem in caught.value.problems}


@given(json)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body):
    try:
        sent = read_body(body)
    except SchemaError as error:
        found = error.problems
    else:
        found = ()
        assert 1 <= len(sent.orders) <= MOST_ORDERS
    assert all(problem.message and problem.code for problem in found)


@given(json)
def test_any_order_is_read_or_refused_and_nothing_else_happens(order):
    try:
        head = IncomingOrder.parse(order).cells()
    except SchemaError:
        return
    assert {"number", "date"} <= set(head)


def test_single_order_list_and_batch_are_told_apart():
    single = read_body(ORDER | {"source": "Meditech"})
    assert (single.source, single.orders, single.is_batch) == ("Meditech", [ORDER], False)
    listed = read_body([ORDER, ORDER])
    assert (listed.source, len(listed.orders), listed.is_batch) == (None, 2, True)
    batch = read_body({"source": "Meditech", "orders": [ORDER]})
    assert (batch.source, list(batch.orders), batch.is_batch) == ("Meditech", [ORDER], True)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ([], "orders", "type"),
        ({"orders": {}}, "orders", "type"),
        ({"orders": [ORDER], "x": 1}, "x", "unknown_field"),
        ({"orders": [ORDER], "source": 5}, "source", "type"),
        ([ORDER] * (MOST_ORDERS + 1), "orders", "too_many"),
        ("text", "", "type"),
        (None, "", "type"),
    ],
)
def test_body_of_another_shape_is_refused_whole(body, field, code):
    with pytest.raises(SchemaError) as caught:
        read_body(body)
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == (field, code)


def test_everything_wrong_with_an_order_is_said_at_once():
    sent = {
        "number": True,
        "placed_at": 20260503,
        "patient": "Jane",
        "lines": [{"quantity": [], "x": 1}, 5],
        "amount": 1,
    }
    assert problems(sent) == {
        "number": "type", "placed_at": "type", "patient": "unknown_field", "lines[0].quantity": "type",
        "lines[0].x": "unknown_field", "lines[1]": "type", "amount": "ambiguous",
    }  # fmt: skip


def test_neither_lines_nor_an_amount_is_said_of_the_lines():
    assert problems({"number": "1"}) == {"lines": "required"}


@pytest.mark.parametrize("lines", [[], {}, "many", [{}] * (MOST_LINES + 1)])
def test_lines_are_a_list_of_some_objects(lines):
    assert set(problems({"number": "1", "lines": lines})) == {"lines"}


@pytest.mark.parametrize("value", [5, "5", 5.5, None])
def test_numbers_may_be_written_as_texts_and_left_out(value):
    line = IncomingLine.parse({"amount": value})
    assert line.cells() == ({} if value is None else {"amount": str(value)})


@pytest.mark.parametrize("value", [True, [], {}, " "])
def test_what_is_no_number_is_named_with_what_it_is(value):
    assert problems({"amount": value}, IncomingLine) == {"amount": "type"}


def test_numbers_are_taken_where_codes_are_meant_and_nowhere_else():
    assert OrderHead.parse({"number": 5, "code": 77}).cells() == {"number": "5", "date": "", "code": "77"}
    assert problems({"number": "1", "amount": 1, "state": 5}) == {"state": "type"}


def test_head_has_the_names_of_files():
    head = OrderHead.parse(
        {"number": "1", "placed_at": "2026-05-03", "partner_name": "Roe", "currency": None}
    )
    assert head.cells() == {"number": "1", "date": "2026-05-03", "partner_name": "Roe"}
