"""Lines of one order in several files: any order of arrival comes to the same, and the same file again to nothing."""

from decimal import Decimal
from itertools import permutations

import pytest

from orders.book.models import Order
from orders.runs import service
from orders.sources.service import save_source
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.core.schema import SchemaError
from tests.orders.factories import COLUMNS, HEADER, csv_text, make_source, run_import

SPEC = {
    "columns": COLUMNS | {"state": "State"},
    "states": {"open": "received", "done": "completed", "void": "cancelled"},
    "cancellations": {"number_prefixes": ["C"]},
    "order_lines": "adds",
    "create_partners": True,
}
HEAD = f"{HEADER},State"
FILES = [
    csv_text("1,2026-05-03,77,A,1,10,done", "1,2026-05-03,77,A,1,10,void", "2,2026-05-04,,B,1,5,void", header=HEAD),
    csv_text("2,2026-05-02,77,B,2,5,open", "C1,2026-05-05,77,A,1,4,done", "3,2026-06-01,77,A,1,3,done", header=HEAD),
    csv_text(
        "1,2026-05-01,77,C,1,2,done", "C1,2026-05-05,77,A,-1,9,done", "C1,2026-05-05,77,B,1,1,done",
        "1,2026-05-01,77,C,1,-1,done", header=HEAD,
    ),
]  # fmt: skip


def held():
    """What is held, whatever brought it."""
    orders = [
        (o.number, o.code, o.state, str(o.placed_at.date()), o.amount, o.units, o.is_reversal, o.refunded)
        for o in Order.objects.order_by("number")
    ]
    lines = sorted(
        (o.number, line.amount, line.quantity, line.state, line.is_refund)
        for o in Order.objects.all()
        for line in o.lines.all()
    )
    months = list(PartnerMonth.objects.order_by("month").values_list("month", "orders", "units", "revenue"))
    return orders, lines, months


@pytest.fixture
def source(in_mercy):
    return make_source(**SPEC)


def test_files_in_any_order_come_to_the_same_and_again_to_nothing(source):
    run = run_import(source, *FILES)
    whole = held()
    assert [(o[0], o[2], o[4]) for o in whole[0]] == [
        ("1", "completed", Decimal(11)), ("2", "received", Decimal(10)), ("3", "completed", Decimal(3)),
        ("C1", "completed", Decimal(-12)),
    ]  # fmt: skip
    assert not any(is_refund for *_, is_refund in whole[1])
    assert run.counts["lines"]["stored"] == run.counts["lines"]["read"] == 10
    again = run_import(source, FILES[1])
    assert (again.counts["wrote"], again.counts["lines"]["unchanged"]) == (False, 3)
    assert again.counts["orders"] | {"created": 0, "corrected": 0, "unchanged": 3} == again.counts["orders"]
    service.take_back(run.pk)
    for arrival in permutations(FILES):
        runs = [run_import(source, text) for text in arrival]
        assert held() == whole
        assert run_import(source, arrival[0]).counts["wrote"] is False
        for done in reversed(runs):
            service.take_back(done.pk)
        assert held() == ([], [], [])


def test_taking_the_last_file_back_leaves_the_others(source):
    run_import(source, FILES[0])
    before = held()
    later = run_import(source, FILES[2])
    assert held() != before
    service.take_back(later.pk)
    assert held() == before


def test_the_second_equal_line_of_a_file_is_the_second_of_all(source):
    row = "9,2026-05-03,77,A,1,10,done"
    source = save_source(source, name="Orders", spec=SPEC | {"drop_exact_repeats": False})
    run_import(source, csv_text(row, header=HEAD))
    run_import(source, csv_text(row, row, header=HEAD))
    assert Order.objects.get().amount == 20
    assert run_import(source, csv_text(row, row, header=HEAD)).counts["wrote"] is False


def test_what_contradicts_the_order_is_rejected_and_corrected_once(source):
    run_import(source, FILES[0])
    bad = csv_text("1,2026-05-09,88,D,1,7,done", "1,2026-05-09,77,D,many,7,done", header=HEAD)
    run = run_import(source, bad)
    assert run.counts["rejected_by_reason"] == {"not_a_number": 1, "two_codes": 1}
    assert Order.objects.get(number="1").amount == 10


def test_a_source_with_orders_stays_as_it_is(source):
    run_import(source, FILES[0])
    with pytest.raises(Refused, match="count twice"):
        save_source(source, name="Orders", spec=SPEC | {"order_lines": "replaces"})


def test_shared_credit_by_columns_and_parts_of_orders_do_not_go_together(in_mercy):
    for columns in (
        {"credit": "Who"},
        {"credit_1": "P1", "share_1": "S1", "credit_2": "P2", "share_2": "S2"},
    ):
        with pytest.raises(SchemaError, match="cannot share their credit by columns"):
            make_source(**SPEC | {"columns": SPEC["columns"] | columns})
