"""What doors put on the stage is in the temporary tables when the stage is closed."""

from decimal import Decimal

import pytest

from orders.ingest import stage as staging_module
from orders.ingest.reading.rejecting import Reject
from tests.orders.factories import make_source
from tests.orders.ingest.staged import put, rows, staged


@pytest.fixture
def source(in_mercy):
    return make_source(cancellations={"number_prefixes": ["C"]})


def test_blocks_lines_and_products_are_there(source):
    with staged(source) as stage:
        put(stage, "1", line_no=2)
        put(stage, "1", line_no=3, product_code="B", quantity="3", unit_price="0.33335")
        put(stage, "C2", line_no=4)
    assert rows("SELECT number, lines, is_reversal FROM prm_block ORDER BY block") == [
        ("1", 2, False), ("C2", 1, True),
    ]  # fmt: skip
    assert rows("SELECT line_no, amount FROM prm_line ORDER BY line_no") == [
        (2, Decimal(10)), (3, Decimal("1.0001")), (4, Decimal(10)),
    ]  # fmt: skip
    assert rows("SELECT code FROM prm_product ORDER BY product") == [("A",), ("B",)]


def test_rejects_are_there_with_any_text(source):
    raw = {"number": "1", "code": 'tab\t, "quote", back\\slash\n'}
    with staged(source) as stage:
        stage.rejects.keep(Reject(1, 2, "wrong_columns", "", "No", "A\tmessage\n", raw, "f" * 32))
    assert rows("SELECT file_no, line_no, message, raw->>'code' FROM prm_reject") == [
        (1, 2, "A\tmessage\n", raw["code"]),
    ]  # fmt: skip


def test_scattered_lines_come_together_and_repeats_are_counted(source):
    with staged(source) as stage:
        for line_no, (number, item) in enumerate([("1", "A"), ("2", "A"), ("1", "B"), ("1", "A")], start=2):
            put(stage, number, line_no=line_no, product_code=item)
    assert stage.repeated == 1
    assert rows("SELECT number, lines, repeats FROM prm_block ORDER BY number") == [("1", 2, 1), ("2", 1, 0)]
    assert rows(
        "SELECT l.ordinal, l.line_no FROM prm_line l JOIN prm_block b USING (block) WHERE number = '1' ORDER BY 1"
    ) == [(1, 2), (2, 4)]  # fmt: skip


def test_hash_of_a_scattered_order_is_that_of_one_whose_lines_stand_together(source):
    hashes = []
    for numbers in (["1", "2", "1"], ["1", "1", "2"]):
        with staged(source) as stage:
            items = iter("AB")
            for line_no, number in enumerate(numbers, start=2):
                put(stage, number, line_no=line_no, product_code=next(items) if number == "1" else "C")
        hashes.append(rows("SELECT content_hash FROM prm_block WHERE number = '1'"))
    assert hashes[0] == hashes[1]


def test_contradiction_that_shows_only_side_by_side_is_rejected(source):
    with staged(source) as stage:
        for line_no, (number, code) in enumerate([("1", "77"), ("2", "77"), ("1", "99")], start=2):
            put(stage, number, line_no=line_no, code=code)
    assert stage.rejects.by_reason == {"two_codes": 1}
    assert rows("SELECT line_no, reason, column_name, raw->>'code' FROM prm_reject") == [
        (4, "two_codes", "Code", "99"),
    ]  # fmt: skip
    assert rows("SELECT number, lines FROM prm_block ORDER BY 1") == [("1", 1), ("2", 1)]


def test_corrected_line_of_a_scattered_order_stays_out_of_its_hash(source):
    with staged(source) as stage:
        put(stage, "1", line_no=2)
        put(stage, "2", line_no=3)
    plain = rows("SELECT content_hash FROM prm_block WHERE number = '1'")
    with staged(source) as stage:
        put(stage, "1", line_no=2)
        put(stage, "2", line_no=3)
        line = stage.maker.line_of(
            {"number": "1", "date": "2026-05-03", "unit_price": "9", "quantity": "1"}, 4, by_hand=True
        )
        stage.grouper.add_by_hand(line, 1)
    assert rows("SELECT content_hash FROM prm_block WHERE number = '1'") == plain
    assert rows("SELECT by_hand FROM prm_line ORDER BY line_no") == [(False,), (False,), (True,)]


def test_long_waits_for_their_turn_lie_on_disk(source, monkeypatch):
    monkeypatch.setattr(staging_module, "_SPOOL", 100)
    with staged(source) as stage:
        for number in range(50):
            put(stage, str(number), product_code=f"P{number}")
    assert rows("SELECT count(*) FROM prm_block") == rows("SELECT count(*) FROM prm_product") == [(50,)]


def test_second_stage_begins_empty(source):
    for number in ("1", "2"):
        with staged(source) as stage:
            put(stage, number)
    assert rows("SELECT number FROM prm_block") == [("2",)]
