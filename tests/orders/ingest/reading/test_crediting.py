"""How the credit of an order is shared, read from one cell or from pairs of columns, or refused in words."""

from decimal import Decimal

import pytest

from orders.ingest.errors import Contradiction
from orders.ingest.reading.crediting import split_credits, with_credits
from orders.ingest.reading.texts import NULL
from orders.sources.credits import shown


def read(**cells):
    return shown(with_credits({name: [cell] for name, cell in cells.items()})[0])


@pytest.mark.parametrize(
    ("cell", "mark", "parts"),
    [
        ("R100:60;R200:40", ".", [("R100", "60"), ("R200", "40")]),
        ("R100 = 60 % | R200 (40%)", ".", [("R100", "60"), ("R200", "40")]),
        ("R100 66,6; R200 33,4", ",", [("R100", "66,6"), ("R200", "33,4")]),
        ("R100:33.5, R200:66.5", ".", [("R100", "33.5"), ("R200", "66.5")]),
        ("R100", ".", [("R100", "")]),
        ("R100:\nR200:40", ".", [("R100", ""), ("R200", "40")]),
        ("", ".", []),
    ],
)
def test_one_cell_names_all_parts(cell, mark, parts):
    assert list(split_credits(cell, mark)) == parts


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"credit": "A\t60\tB\t40"}, "A 60 %, B 40 %"),
        ({"credit": "A\t40\tB\t60"}, "B 60 %, A 40 %"),
        ({"credit_1": "A", "share_1": "50", "credit_2": "B", "share_2": "50"}, "A 50 %, B 50 %"),
        ({"code": "B", "credit": "A\t60\tB\t40"}, "B 40 %, A 60 %"),
        ({"code": "A", "credit_1": "B", "share_1": "12.5"}, "A 87.5 %, B 12.5 %"),
        ({"code": "A", "credit": ""}, "A"),
        ({"credit": f"A\t{NULL}"}, "A"),
        ({"credit": "A\t100"}, "A"),
        ({"credit_1": "A", "share_1": "100", "credit_2": "B", "share_2": "0"}, "A"),
        ({"credit_1": "A", "share_1": "100", "credit_2": "", "share_2": "0"}, "A"),
    ],
)
def test_first_part_is_whose_order_it_is(cells, said):
    assert read(**cells) == said


@pytest.mark.parametrize(
    ("cells", "reason", "said"),
    [
        ({"credit": "A\t60\tB\t30"}, "shares_not_whole", "make 90 per cent"),
        ({"code": "C", "credit": "A\t60\tB\t50"}, "shares_not_whole", "make 110"),
        ({"credit": "A\t60\tA\t40"}, "share_twice", "A is named twice"),
        ({"credit": f"A\t60\tB\t{NULL}"}, "share_unclear", "share of B has no per cent"),
        (
            {"credit_1": "", "share_1": "60", "credit_2": "B", "share_2": "40"},
            "share_unclear",
            "names nobody",
        ),
        ({"credit": "A\t-10\tB\t110"}, "share_unclear", "share of A is -10"),
        ({"credit": "A\t33.333\tB\t66.667"}, "share_unclear", "two decimals"),
        ({"credit": "\t".join(f"P{n}\t9" for n in range(11))}, "share_unclear", "at most 10"),
    ],
)
def test_what_is_no_clear_sharing_is_refused(cells, reason, said):
    with pytest.raises(Contradiction) as refused:
        read(**cells)
    assert refused.value.reason == reason and said in refused.value.message


def test_largest_part_comes_first_whatever_its_place():
    parts = {f"credit_{n}": f"P{n}" for n in range(1, 4)}
    percents = {f"share_{n}": str(Decimal(10 * n)) for n in range(1, 4)}
    assert read(**parts, **percents, credit_4="P4", share_4="40").startswith("P4 40 %")
