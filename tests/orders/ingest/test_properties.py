"""What holds for any file: the order of lines and files, the way they are read, and sending again."""

from collections import Counter
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.book.models import Order, OrderLine
from orders.ingest.errors import BadCell, Contradiction
from orders.ingest.reading.group import Grouper
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.rules import Rules
from orders.rejects.models import RejectedLine
from orders.sources.service import save_source
from orders.sources.spec import Spec
from partners.standing.models import PartnerMonth
from tests.orders.factories import COLUMNS, csv_text, run_import

ON_THE_DATABASE = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# Orders with one code and one day each, so that no line contradicts another.
CODES = {"1": "77", "2": "78", "3": "", "C4": "77"}
lines = st.builds(
    lambda number, item, quantity, price: (
        f"{number},2026-05-0{number[-1]},{CODES[number]},{item},{quantity},{price}"
    ),
    st.sampled_from(list(CODES)),
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(["1", "2", "-1"]),
    st.sampled_from(["10", "2.55", "0.1"]),
)
anything = st.one_of(
    lines,
    st.sampled_from(
        ["", ",,,,,", "1,bad,77,A,1,1", "2,2026-05-02,99,A,1,1", "1,2026-05-01,77,A", '1,"x', "5,,,,,", "1;2"]
    ),
)


def a_source(**spec):
    spec = {"columns": COLUMNS, "create_partners": True, "cancellations": {"number_prefixes": ["C"]}} | spec
    return save_source(None, name="Orders", spec=spec)


def held():
    """Everything that an import leaves, without ids and without the order in which lines came."""
    orders = {
        order.number: (
            order.amount, order.units, order.code, order.state, order.is_reversal, order.placed_at, order.content_hash,
            order.partner and order.partner.name,
        )
        for order in Order.objects.select_related("partner")
    }  # fmt: skip
    order_lines = Counter(
        OrderLine.objects.values_list("order__number", "product__code", "quantity", "unit_price", "amount")
    )
    months = set(PartnerMonth.objects.values_list("partner__name", "month", "orders", "units", "revenue"))
    return orders, order_lines, months


@ON_THE_DATABASE
@given(rows=st.lists(lines, min_size=1, max_size=12), data=st.data())
def test_any_order_of_lines_ends_the_same(in_mercy, rows, data):
    shuffled = data.draw(st.permutations(rows))
    ends = []
    for one in (rows, shuffled):
        with transaction.atomic():
            run_import(a_source(), csv_text(*one))
            ends.append(held())
            transaction.set_rollback(True)
    assert ends[0] == ends[1]


@ON_THE_DATABASE
@given(rows=st.lists(lines, min_size=1, max_size=12), data=st.data())
def test_any_order_of_files_with_different_orders_ends_the_same(in_mercy, rows, data):
    texts = [csv_text(*(row for row in rows if row.startswith(f"{number},"))) for number in CODES]
    shuffled = data.draw(st.permutations(texts))
    ends = []
    for files, at_once in ((texts, True), (shuffled, True), (shuffled, False)):
        with transaction.atomic():
            source = a_source()
            for batch in [files] if at_once else [[file] for file in files]:
                run_import(source, *batch)
            ends.append(held())
            transaction.set_rollback(True)
    assert ends[0] == ends[1] == ends[2]


@ON_THE_DATABASE
@given(rows=st.lists(anything, max_size=15))
def test_every_line_read_ends_in_exactly_one_place(in_mercy, rows):
    with transaction.atomic():
        run = run_import(a_source(), csv_text(*rows, "9,2026-05-09,,A,1,1"))
        if run.state == "done":
            counts = run.counts["lines"]
            placed = counts["stored"], counts["repeated"], counts["unchanged"], counts["superseded"]
            assert sum(placed) + counts["rejected"] == counts["read"]
            assert OrderLine.objects.count() == counts["stored"]
            assert RejectedLine.objects.count() == counts["rejected"]
        else:
            assert "orders1.csv, line" in run.message
            assert not Order.objects.exists()
        transaction.set_rollback(True)


@ON_THE_DATABASE
@given(
    files=st.lists(st.lists(anything.filter(lambda row: '"' not in row), max_size=8), min_size=1, max_size=3)
)
def test_importing_twice_writes_nothing_the_second_time(in_mercy, files):
    texts = [csv_text(*rows, "9,2026-05-09,,A,1,1") for rows in files]
    with transaction.atomic():
        source = a_source()
        run_import(source, *texts)
        before = held()
        again = run_import(source, *texts)
        assert (again.counts["wrote"], again.counts["rejected_new"]) == (False, 0)
        assert again.counts["lines"]["stored"] == 0
        assert held() == before
        transaction.set_rollback(True)


@ON_THE_DATABASE
@given(rows=st.lists(lines, max_size=12))
def test_months_add_up_to_the_orders_that_count(in_mercy, rows):
    with transaction.atomic():
        run_import(a_source(), csv_text(*rows))
        counted = Order.objects.counted().exclude(partner=None)
        months = list(PartnerMonth.objects.all())
        assert sum((m.revenue for m in months), Decimal(0)) == sum((o.amount for o in counted), Decimal(0))
        assert sum((m.units for m in months), Decimal(0)) == sum((o.units for o in counted), Decimal(0))
        assert sum(m.orders for m in months) == sum(not o.is_reversal for o in counted)
        transaction.set_rollback(True)


# --- without a database -----------------------------------------------------------------------------

cells = st.fixed_dictionaries(
    {
        "number": st.sampled_from(["1", "2", " 3 ", "", "4\t5"]),
        "date": st.sampled_from(["2026-05-03", "2026-05-03T10:00Z", "soon", ""]),
        "code": st.sampled_from(["", "77.0", "ab", "x" * 121]),
        "product_code": st.sampled_from(["A", "", "B\\"]),
        "quantity": st.sampled_from(["1", "2.50", "", "x"]),
        "unit_price": st.sampled_from(["10", "1,000.5", "", "(3)"]),
        "amount": st.sampled_from(["", "7", "1e2"]),
    }
)


def a_maker(written=None):
    rules = Rules(Spec(columns=COLUMNS), ZoneInfo("America/New_York"), "USD", date(2026, 11, 23))
    return LineMaker(rules, ([] if written is None else written).append)


@given(rows=st.lists(cells, min_size=1, max_size=6))
def test_lines_made_by_column_are_those_made_one_by_one(rows):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    maker = a_maker()
    judged = maker.judge_columns(columns)
    singly = []
    for place, row in enumerate(rows):
        try:
            singly.append(tuple(maker.line_of(row, place)))
        except (BadCell, Contradiction):
            assert judged is None
            return
    if judged is not None:
        assert list(maker.lines_of(judged, range(len(rows))).parts()) == singly


@given(rows=st.lists(cells, max_size=8), data=st.data())
def test_hash_of_an_order_is_that_of_its_lines_in_any_order_and_any_portions(rows, data):
    good = [row | {"number": "1", "code": "77"} for row in rows if not a_maker().problems(row)]
    hashes = set()
    for one in (good, data.draw(st.permutations(good))):
        blocks, maker = [], a_maker()
        grouper = Grouper(
            write_lines=lambda _text: None, write_block=blocks.append, is_cancellation=lambda _n: False, drop_repeats=True,
        )  # fmt: skip
        taken = [line for place, row in enumerate(one) if (line := _made(maker, row, place)) is not None]
        cut = data.draw(st.integers(0, len(taken)))
        for portion in (taken[:cut], taken[cut:]):
            assert grouper.add(portion, 1) == []
        grouper.close()
        hashes.add(tuple(block.rstrip("\n").split("\t")[-1] for block in blocks))
    assert len(hashes) == 1


def _made(maker, row, place):
    try:
        return maker.line_of(row, place)
    except Contradiction:
        return None


@pytest.mark.parametrize("repeats", [True, False])
@given(contents=st.lists(st.sampled_from("ABC"), min_size=1, max_size=10))
def test_lines_are_stored_or_dropped_as_repeats(repeats, contents):
    blocks, stored, maker = [], [], a_maker()
    grouper = Grouper(
        write_lines=stored.append, write_block=blocks.append, is_cancellation=lambda _n: False, drop_repeats=repeats,
    )  # fmt: skip
    for place, item in enumerate(contents):
        row = {"number": "1", "date": "2026-05-03", "product_code": item, "unit_price": "1"}
        grouper.add([maker.line_of(row, place)], 1)
    grouper.close()
    grouper.flush()
    kept = "".join(stored).count("\n")
    assert kept + grouper.repeated == len(contents)
    assert kept == (len(set(contents)) if repeats else len(contents))
