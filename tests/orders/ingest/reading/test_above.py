"""What stands in a row above is taken from the last one of the same order, whatever lies between."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from orders.ingest.reading import above
from orders.ingest.reading.above import Above
from orders.ingest.reading.identifiers import identifier

TABLE = SimpleNamespace(index={"number": 0, "date": 1, "state": 2})


def filler():
    return Above(TABLE, lambda _name, raw: identifier(raw, "order number"))


rows = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from(["", "1", "2"]), st.sampled_from(["", "x", "-"]))
)


@given(rows, st.integers(1, 5))
def test_each_blank_cell_is_the_last_of_its_order_however_rows_are_cut(given_rows, size):
    filled = [list(row) for row in given_rows]
    one = filler()
    for start in range(0, len(filled), size):
        one.fill(filled[start : start + size])
    last = {}
    for row, was in zip(filled, given_rows, strict=True):
        for place in (1, 2):
            said = was[place] not in ("", "-")
            known = last.get((row[0], place), was[place])
            assert row[place] == (was[place] if said else known)
            if said:
                last[row[0], place] = was[place]


def test_rows_passed_over_as_a_whole_are_remembered_too():
    one = filler()
    one.pass_over([("A", "B"), ("1", "2"), ("x", "y")])
    row = ["A.0", "", ""]
    assert one.fill([["A", "", ""], row]) and row == ["A.0", "", ""]
    numbers = filler()
    numbers.pass_over([("1001", "1002.0"), ("1", "2"), ("x", "y")])
    both = [["1001.0", "", ""], ["1002", "", "-"]]
    assert numbers.fill(both) and both == [["1001.0", "1", "x"], ["1002", "2", "y"]]


def test_a_row_without_a_number_takes_and_gives_nothing():
    one = filler()
    rows = [["", "1", "x"], ["", "", ""], ["A", "", ""]]
    assert not one.fill(rows) and rows[1:] == [["", "", ""], ["A", "", ""]]


def test_of_too_many_orders_those_that_came_first_are_forgotten(monkeypatch):
    monkeypatch.setattr(above, "MOST_ORDERS", 4)
    one = filler()
    one.fill([[str(number), "1", "x"] for number in range(6)])
    first, last = ["0", "", ""], ["5", "", ""]
    assert one.fill([last, first]) and (first, last) == (["0", "", ""], ["5", "1", "x"])
