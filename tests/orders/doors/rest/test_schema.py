"""What programs may send: strict, and described to them as it is read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.doors.rest.schema import IncomingLine, IncomingOrder, read_body
from prm.core.schema import SchemaError

GOOD = {"number": "M-1", "placed_at": "2026-05-03", "lines": [{"quantity": 2, "unit_price": "10.50"}]}


def problems(what, data):
    with pytest.raises(SchemaError) as caught:
        what(data)
    return [(p.field, p.code) for p in caught.value.problems]


def test_numbers_and_texts_become_cells_as_a_file_has_them():
    line = IncomingLine.parse(
        {"product_code": 7, "quantity": 2, "unit_price": "10.50", "amount": Decimal("1.5")}
    )
    assert line.cells() == {"product_code": "7", "quantity": "2", "unit_price": "10.50", "amount": "1.5"}
    order = IncomingOrder.parse({"number": 12, "placed_at": "2026-05-03", "code": None, "amount": 1e3})
    assert (order.cells(), order.amount) == ({"number": "12", "date": "2026-05-03"}, "1000.0")


@pytest.mark.parametrize(
    ("value", "words"),
    [(True, "true or false"), (1.5, "a number"), (["x"], "a list"), ({"x": 1}, "an object")],
)
def test_something_else_than_a_text_is_named_by_its_kind(value, words):
    with pytest.raises(SchemaError, match=rf"^state: This is a text, not {words}\.$"):
        IncomingOrder.parse(GOOD | {"state": value})


def test_an_empty_text_is_no_number():
    assert problems(IncomingLine.parse, {"amount": " "}) == [("amount", "type")]


def test_lines_and_amount_exclude_each_other_and_one_is_needed():
    assert problems(IncomingOrder.parse, GOOD | {"amount": 1}) == [("amount", "ambiguous")]
    assert problems(IncomingOrder.parse, {"number": "1"}) == [("lines", "required")]
    assert problems(IncomingOrder.parse, GOOD | {"lines": None}) == [("lines", "type")]


def test_problems_of_several_lines_are_named_together():
    lines = [{"quantity": []}, 5, {"amount": 1}, {"patient": "Jane Roe"}]
    assert problems(IncomingOrder.parse, GOOD | {"lines": lines}) == [
        ("lines[0].quantity", "type"),
        ("lines[1]", "type"),
        ("lines[3].patient", "unknown_field"),
    ]


@pytest.mark.parametrize("most", [1000, 1001])
def test_lines_are_limited(most):
    data = GOOD | {"lines": [{"amount": 1}] * most}
    if most == 1000:
        assert len(IncomingOrder.parse(data).lines) == most
    else:
        assert problems(IncomingOrder.parse, data) == [("lines", "too_many")]


def test_a_body_is_one_order_a_list_or_a_batch():
    assert read_body(GOOD) == (None, [GOOD], False)
    assert read_body(GOOD | {"source": "Lab"}) == ("Lab", [GOOD], False)
    assert read_body([GOOD, 5]) == (None, [GOOD, 5], True)
    assert read_body({"source": "Lab", "orders": [GOOD]}) == ("Lab", [GOOD], True)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (5, ("", "type")),
        (None, ("", "type")),
        ([], ("orders", "type")),
        ({"orders": {}}, ("orders", "type")),
        ({"orders": [1], "number": "1"}, ("number", "unknown_field")),
        ({"orders": [1], "source": 4}, ("source", "type")),
        (GOOD | {"source": ["Lab"]}, ("source", "type")),
        ({"orders": [{}] * 1001}, ("orders", "too_many")),
    ],
)
def test_any_other_body_is_refused_with_its_place(body, problem):
    assert problems(read_body, body) == [problem]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
LINES = JSON | st.lists(
    JSON | st.dictionaries(st.sampled_from([*IncomingLine.model_fields, "x"]), JSON), max_size=3
)


@given(JSON | st.dictionaries(st.sampled_from([*IncomingOrder.model_fields, "x"]), JSON | LINES, max_size=5))
def test_any_json_is_an_order_or_a_list_of_problems_at_what_was_sent(sent):
    order, found = None, ()
    try:
        order = IncomingOrder.parse(sent)
    except SchemaError as error:
        found = error.problems
    assert bool(found) != bool(order)
    assert {p.code for p in found} <= {"type", "unknown_field", "required", "ambiguous", "too_many"}
    assert all(p.message.endswith(".") for p in found)
    if isinstance(sent, dict):
        places = [p.field for p in found if p.code != "required"]
        assert all(any(place.startswith(name) for name in sent) for place in places)


@pytest.fixture
def described(mercy, client_for):
    answer = client_for(mercy.manager).get("/api/v1/mercy/schema/", headers={"Accept": "application/json"})
    return answer.json()


def test_the_apis_description_of_orders_sent_is_the_schema_that_reads_them(described):
    body = described["paths"]["/api/v1/mercy/orders/"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/OrdersInRequest"}
    parts = described["components"]["schemas"]
    assert parts["OrdersInRequest"]["anyOf"] == [
        {"$ref": "#/components/schemas/IncomingBatch"},
        {"type": "array", "items": {"$ref": "#/components/schemas/IncomingOrder"}},
        {"$ref": "#/components/schemas/SingleOrder"},
    ]
    assert set(parts["IncomingOrder"]["properties"]) == set(IncomingOrder.model_fields)
    assert set(parts["IncomingLine"]["properties"]) == set(IncomingLine.model_fields)
    assert parts["IncomingOrder"]["required"] == ["number", "placed_at"]
    assert parts["IncomingOrder"]["additionalProperties"] is False
    assert set(parts["SingleOrder"]["properties"]) - set(IncomingOrder.model_fields) == {"source"}
