"""Lines that follow one another with one number are one block, freed of repeats and hashed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.ingest.reading import group as grouping
from orders.ingest.reading.group import Grouper, Version
from orders.ingest.reading.lines import Line, LineColumns
from orders.ingest.temporary import BLOCK

HEADER = ("", "USD", "completed")


class Written:
    """What a grouper wrote: blocks by column, and lines as (block, ordinal, line)."""

    def __init__(self, **options):
        self._lines, self._blocks = [], []
        given = {"is_cancellation": lambda number: number.startswith("C"), "drop_repeats": True} | options
        self.grouper = Grouper(write_lines=self._lines.append, write_block=self._blocks.append, **given)

    def finish(self):
        self.grouper.close()
        self.grouper.flush()
        return self

    @property
    def blocks(self):
        rows = [block.rstrip("\n").split("\t") for block in self._blocks]
        return [dict(zip(BLOCK.columns, row, strict=True)) for row in rows]

    @property
    def lines(self):
        rows = [row.split("\t") for row in "".join(self._lines).splitlines()]
        return [tuple(int(cell) for cell in row[:3]) for row in rows]


def a_line(number, content, line_no, *, code="", header=HEADER, rest="", amount="1"):
    key = f"{content}\t1\t\\N\t{amount}"
    return Line(number, code, header, key, rest, f"staged {content}\t1\t\\N\t{amount}", line_no)


def grouped(*lines, file_no=1, **options):
    written = Written(**options)
    refused = written.grouper.add(lines, file_no)
    return written.finish(), refused


def test_consecutive_lines_of_one_number_are_one_block():
    written, refused = grouped(
        a_line("1", "a", 2), a_line("1", "b", 3), a_line("2", "a", 4), a_line("1", "c", 5)
    )
    assert refused == []
    assert [(b["number"], b["lines"], b["first_line"]) for b in written.blocks] == [
        ("1", "2", "2"), ("2", "1", "4"), ("1", "1", "5"),
    ]  # fmt: skip
    assert [(ordinal, line_no) for _, ordinal, line_no in written.lines] == [(1, 2), (2, 3), (1, 4), (1, 5)]
    assert len({block for block, _, _ in written.lines}) == 3


def test_blocks_are_numbered_upwards_and_count_the_lines_before_them():
    written, _ = grouped(
        a_line("1", "a", 2), a_line("1", "b", 3), a_line("2", "a", 4), first_block=7, lines_before=10
    )
    numbers = [int(b["block"]) for b in written.blocks]
    assert numbers == sorted(numbers) and numbers[0] >= 7
    assert [b["lines_before"] for b in written.blocks] == ["10", "12"]


def test_same_number_in_the_next_file_is_another_block():
    written = Written()
    for file_no in (1, 2):
        written.grouper.add([a_line("1", "a", 2)], file_no)
    assert [b["file_no"] for b in written.finish().blocks] == ["1", "2"]


def test_repeat_inside_a_block_is_dropped_and_counted():
    written, _ = grouped(a_line("1", "a", 2), a_line("1", "a", 3), a_line("2", "a", 4))
    assert [(b["lines"], b["repeats"]) for b in written.blocks] == [("1", "1"), ("1", "0")]
    assert written.grouper.repeated == 1


def test_kept_repeats_change_the_hash():
    once, _ = grouped(a_line("1", "a", 2), drop_repeats=False)
    twice, _ = grouped(a_line("1", "a", 2), a_line("1", "a", 3), drop_repeats=False)
    assert [b["lines"] for b in twice.blocks] == ["2"]
    assert once.blocks[0]["content_hash"] != twice.blocks[0]["content_hash"]


@pytest.mark.parametrize(
    "other",
    [
        a_line("1", "b", 2),
        a_line("1", "a", 2, code="77"),
        a_line("1", "a", 2, header=("Roe", "USD", "completed")),
        a_line("1", "a", 2, header=("", "USD", "cancelled")),
    ],
)
def test_content_code_and_header_decide_the_hash_and_the_place_does_not(other):
    first, _ = grouped(a_line("1", "a", 2))
    moved, _ = grouped(a_line("1", "a", 99), file_no=3)
    changed, _ = grouped(other)
    assert first.blocks[0]["content_hash"] == moved.blocks[0]["content_hash"]
    assert first.blocks[0]["content_hash"] != changed.blocks[0]["content_hash"]


def test_second_code_in_an_order_is_refused_with_both_named():
    written, refused = grouped(
        a_line("1", "a", 2, code="77"), a_line("1", "b", 3, code="99"), a_line("1", "c", 4)
    )
    ((line_no, error),) = refused
    assert (line_no, error.reason, error.field) == (3, "two_codes", "code")
    assert error.message == "Order 1 names 77 in line 2 and 99 here."
    assert (written.blocks[0]["lines"], written.blocks[0]["code"]) == ("2", "77")


def test_code_that_comes_in_a_later_line_is_that_of_the_order():
    written, refused = grouped(a_line("1", "a", 2), a_line("1", "b", 3, code="77"))
    assert refused == [] and written.blocks[0]["code"] == "77"


def test_first_name_given_is_that_of_the_order():
    lines = [
        a_line("1", str(n), n, header=(name, "USD", "completed")) for n, name in enumerate(["", "Roe", "Doe"])
    ]
    assert grouped(*lines)[0].blocks[0]["partner_name"] == "Roe"


def test_second_currency_in_an_order_is_refused_with_both_named():
    written, refused = grouped(
        a_line("1", "a", 2), a_line("1", "b", 3, header=("", "EUR", "completed")), a_line("1", "c", 4)
    )
    ((line_no, error),) = refused
    assert (line_no, error.reason, error.field) == (3, "two_currencies", "currency")
    assert error.message == "Order 1 is in USD in line 2 and in EUR here."
    assert (written.blocks[0]["lines"], written.blocks[0]["currency"]) == ("2", "USD")


@pytest.mark.parametrize(
    "states, state",
    [
        (["completed", "cancelled"], "completed"),
        (["cancelled", "received", "completed"], "received"),
        (["scheduled", "completed", "scheduled"], "scheduled"),
        (["cancelled", "cancelled"], "cancelled"),
    ],
)
def test_state_of_an_order_is_the_least_far_of_its_lines_that_stand_in_any_order(states, state):
    for one in (states, states[::-1]):
        lines = [a_line("1", str(n), n, header=("", "USD", each)) for n, each in enumerate(one)]
        assert grouped(*lines)[0].blocks[0]["state"] == state


def test_lines_that_differ_in_anything_their_rows_say_are_two():
    written, _ = grouped(
        a_line("1", "a", 2, rest="Berlin"), a_line("1", "a", 3, rest="Rome"), a_line("1", "a", 4, rest="Rome")
    )
    assert [(b["lines"], b["repeats"]) for b in written.blocks] == [("2", "1")]


def test_columns_of_no_field_tell_lines_apart_and_are_no_content():
    first, _ = grouped(a_line("1", "a", 2, rest="exported on Monday"))
    again, _ = grouped(a_line("1", "a", 2, rest="exported on Tuesday"))
    assert first.blocks[0]["content_hash"] == again.blocks[0]["content_hash"]


@pytest.mark.parametrize(
    "number, amounts, refund",
    [
        ("1", ["-40"], "1"),
        ("1", ["-10", "2"], "1"),
        ("1", ["-10", "10"], "0"),
        ("1", ["-10", "12"], "0"),
        ("1", ["0"], "0"),
        ("C1", ["-40"], "0"),
    ],
)
def test_order_of_less_than_nothing_is_a_refund_and_a_cancellation_document_is_none(number, amounts, refund):
    lines = [a_line(number, str(n), n, amount=amount) for n, amount in enumerate(amounts)]
    assert grouped(*lines)[0].blocks[0]["is_refund"] == refund
    assert grouped(*lines, refunds=False)[0].blocks[0]["is_refund"] == "0"


def test_order_with_too_many_lines_is_refused_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(grouping, "ORDER_LIMIT", 2)
    written, refused = grouped(*(a_line("1", str(n), n) for n in range(4)))
    assert [line_no for line_no, _ in refused] == [2, 3]
    assert {error.reason for _, error in refused} == {"order_too_long"}
    assert written.blocks[0]["lines"] == "2"


def test_number_of_a_cancellation_marks_its_block():
    written, _ = grouped(a_line("C1", "a", 2), a_line("1", "a", 3))
    assert [b["is_reversal"] for b in written.blocks] == ["1", "0"]


def test_line_by_hand_is_stored_and_no_part_of_the_hash():
    plain, _ = grouped(a_line("1", "a", 2))
    written = Written()
    written.grouper.add([a_line("1", "a", 2)], 1)
    assert written.grouper.add_by_hand(a_line("1", "b", 3), 1) == []
    block = written.finish().blocks[0]
    assert (block["lines"], block["content_hash"]) == ("2", plain.blocks[0]["content_hash"])


def test_line_by_hand_that_the_file_brings_too_is_part_of_the_hash():
    plain, _ = grouped(a_line("1", "a", 2))
    written = Written()
    written.grouper.add([a_line("1", "a", 2)], 1)
    written.grouper.add_by_hand(a_line("1", "a", 3), 1)
    assert written.finish().blocks[0]["content_hash"] == plain.blocks[0]["content_hash"]


def test_nothing_makes_no_block():
    assert grouped()[0].blocks == []


def as_columns(lines):
    """The same lines as they come from a chunk."""
    numbers, codes, headers, keys, rests, staged, line_nos = map(list, zip(*lines, strict=True))
    headers = None if set(headers) == {HEADER} else headers
    return LineColumns(numbers, codes, headers, HEADER, keys, rests, staged, line_nos)


few_lines = st.lists(
    st.builds(
        lambda number, content, code, header, rest, amount: (number, content, code, header, rest, amount),
        st.sampled_from("12"),
        st.sampled_from("abc"),
        st.sampled_from(["", "", "77", "78"]),
        st.sampled_from([HEADER, HEADER, ("Name", "USD", "placed")]),
        st.sampled_from(["", "x"]),
        st.sampled_from(["1", "-5"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(few_lines, st.integers(1, 12), st.booleans())
def test_lines_taken_as_columns_are_grouped_as_one_by_one(drawn, cut, drops):
    lines = [
        a_line(number, content, line_no, code=code, header=header, rest=rest, amount=amount)
        for line_no, (number, content, code, header, rest, amount) in enumerate(drawn, 2)
    ]
    found = []
    for take in ("add", "add_columns", "held"):
        held = {"held": lambda versions: set()} if take == "held" else {}
        written, refused = Written(drop_repeats=drops, **held), []
        for chunk in filter(None, (lines[:cut], lines[cut:])):
            refused += (
                written.grouper.add(chunk, 1)
                if take == "add"
                else written.grouper.add_columns(as_columns(chunk), 1)
            )
        places = {block["block"]: place for place, block in enumerate(written.finish().blocks)}
        blocks = [block | {"block": places[block["block"]]} for block in written.blocks]
        lines_of_blocks = [(places[str(block)], *line) for block, *line in written.lines]
        found.append((blocks, lines_of_blocks, written.grouper.repeated, [no for no, _ in refused]))
    assert found[0] == found[1] == found[2]


def test_lines_of_orders_that_are_held_as_they_come_are_left_out():
    lines = [a_line("1", "a", 2), a_line("1", "b", 3), a_line("2", "c", 4), a_line("2", "c", 5)]
    first = Written()
    first.grouper.add(lines, 1)
    held = {Version(b["number"], b["content_hash"]) for b in first.finish().blocks if b["number"] == "1"}
    again = Written(held=lambda versions: held & set(versions))
    again.grouper.add_columns(as_columns(lines), 1)
    assert [b["is_left_out"] for b in again.finish().blocks] == ["1", "0"]
    assert again.lines == [(2, 1, 4)]
    assert (again.grouper.repeated, [b["lines"] for b in again.blocks]) == (1, ["2", "1"])


def test_a_refund_is_never_left_out():
    lines = [a_line("1", "a", 2, amount="-5")]
    again = Written(held=set)
    again.grouper.add_columns(as_columns(lines), 1)
    assert [b["is_left_out"] for b in again.finish().blocks] == ["0"]
    assert len(again.lines) == 1
