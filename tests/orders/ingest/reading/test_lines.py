"""From cells to lines: what is left out has a default, what has no amount is refused, products get numbers."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from orders.ingest.errors import BadCell, Contradiction
from orders.ingest.reading import lines as making
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.rules import Rules
from orders.ingest.reading.texts import NULL
from orders.sources.spec import Spec

COLUMNS = {"number": "a", "date": "b", "amount": "c"}
LEAST = {"number": "1", "date": "2026-05-03", "amount": "7"}


@pytest.fixture
def products():
    return []


@pytest.fixture
def maker(products):
    rules = Rules(Spec(columns=COLUMNS, currency="EUR"), ZoneInfo("UTC"), "USD", date(2026, 11, 23))
    return LineMaker(rules, products.append)


def staged(line):
    """The staged cells by the columns they go into."""
    names = ("placed_at", "product", "quantity", "unit_price", "given", "state", "mark", "by_hand")
    return dict(zip(names, line.staged.split("\t"), strict=True))


def test_what_is_left_out_has_the_defaults_of_the_source(maker):
    line = maker.line_of(LEAST, 2)
    assert (line.number, line.code, line.line_no) == ("1", "", 2)
    assert line.header == ("", "EUR", "completed")
    assert staged(line) == {
        "placed_at": "2026-05-03 00:00:00+00", "product": NULL, "quantity": "1", "unit_price": NULL, "given": "7",
        "state": NULL, "mark": "0", "by_hand": "0",
    }  # fmt: skip


def test_empty_quantity_is_one(maker):
    assert staged(maker.line_of(LEAST | {"quantity": ""}, 1))["quantity"] == "1"


def test_line_by_hand_says_so(maker):
    assert staged(maker.line_of(LEAST, 1, by_hand=True))["by_hand"] == "1"


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "", "unit_price": ""}, "amount"),
        ({"amount": "", "unit_price": "3", "quantity": ""}, "quantity"),
    ],
)
def test_line_without_an_amount_is_refused_naming_the_field_to_look_at(maker, cells, field):
    with pytest.raises(Contradiction) as caught:
        maker.line_of(LEAST | cells, 1)
    assert (caught.value.reason, caught.value.field) == ("amount_missing", field)


def test_price_and_quantity_do_instead_of_an_amount(maker):
    line = staged(maker.line_of(LEAST | {"amount": "", "unit_price": "2.50", "quantity": "3"}, 1))
    assert (line["unit_price"], line["quantity"], line["given"]) == ("2.5", "3", NULL)


def test_first_bad_cell_is_raised_and_all_are_told(maker):
    cells = {"number": "", "date": "soon", "amount": "x"}
    with pytest.raises(BadCell):
        maker.line_of(cells, 1)
    assert [(name, error.reason) for name, error in maker.problems(cells)] == [
        ("number", "number_missing"), ("date", "date_unreadable"), ("amount", "not_a_number"),
    ]  # fmt: skip


def test_columns_with_a_bad_cell_or_without_an_amount_need_a_closer_look(maker):
    good = {"number": ["1", "2"], "date": ["2026-05-03"] * 2, "amount": ["1", "2"]}
    assert maker.judge_columns(good) is not None
    assert maker.judge_columns(good | {"date": ["2026-05-03", "soon"]}) is None
    assert maker.judge_columns(good | {"amount": ["1", ""]}) is None
    assert maker.judge_columns(good | {"quantity": ["1", ""]}) is None


def test_same_product_has_one_number_and_is_written_once(maker, products):
    cells = LEAST | {"product_code": "A", "product_name": "Echo"}
    numbers = [staged(maker.line_of(cells, place))["product"] for place in range(3)]
    other = staged(maker.line_of(cells | {"product_name": "Echocardiogram"}, 9))["product"]
    assert numbers == ["1", "1", "1"] and other == "2"
    assert products == ["1\tA\tEcho\n", "2\tA\tEchocardiogram\n"]


def test_names_without_a_code_tell_lines_apart(maker):
    named = [
        maker.line_of(LEAST | {"product_code": "", "product_name": name}, 1)
        for name in ("Echo", "Stress test")
    ]
    assert staged(named[0])["product"] != staged(named[1])["product"]
    assert staged(maker.line_of(LEAST | {"product_code": ""}, 1))["product"] == NULL


def test_columns_of_no_field_mark_a_line_and_are_no_part_of_its_content(maker):
    here, there = (maker.line_of(LEAST, 1, [city]) for city in ("Rome", "Berlin"))
    assert here.key == there.key and here.rest != there.rest
    assert staged(here)["mark"] != staged(there)["mark"]
    assert staged(maker.line_of(LEAST, 9, ["Rome"]))["mark"] == staged(here)["mark"]


def test_numbers_of_products_go_on_when_the_memory_is_full(maker, products, monkeypatch):
    monkeypatch.setattr(making, "_PRODUCT_LIMIT", 2)
    codes = ["A", "B", "C", "A"]
    numbers = [staged(maker.line_of(LEAST | {"product_code": code}, 1))["product"] for code in codes]
    assert numbers == ["1", "2", "3", "4"]
    assert len(products) == 4


def test_content_is_equal_when_what_it_means_is(maker):
    written = [
        LEAST,
        LEAST | {"amount": "7.00", "quantity": " 1 "},
        LEAST | {"date": "2026-05-03T00:00Z", "product_code": " "},
    ]
    assert len({maker.line_of(cells, 1).key for cells in written}) == 1
    assert maker.line_of(LEAST | {"amount": "8"}, 1).key != maker.line_of(LEAST, 1).key
