"""Every row of a table is taken or rejected, by the fast way or line by line."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from orders.ingest.cells import Chunk, Torn, cells_of, column_of, dropped_headings
from orders.ingest.reading.group import Grouper
from orders.ingest.reading.intake import Intake
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.rejecting import Corrected, Corrections, Rejects
from orders.ingest.reading.rules import Rules
from orders.ingest.reading.texts import unescape
from orders.ingest.temporary import REJECT
from orders.sources.spec import Spec

HEADER = ["No", "Date", "Amount", "Code", "Patient"]
INDEX = {"number": 0, "date": 1, "amount": 2, "code": 3}


class FakeTable:
    """Rows in memory, as a door might give them."""

    def __init__(self, *chunks, header=HEADER):
        self.header, self.index, self.width, self.bytes_done = header, INDEX, len(HEADER), 0
        self._chunks = chunks

    def chunks(self, size):
        for chunk in self._chunks:
            self.bytes_done += 100
            yield chunk


class Taken:
    """An intake and what came of it."""

    def __init__(self, corrections=None):
        self.staged, self._rejected = [], []
        spec = Spec(columns={"number": "No", "date": "Date", "amount": "Amount", "code": "Code"})
        rules = Rules(spec, ZoneInfo("UTC"), "USD", date(2026, 11, 23))
        self.grouper = Grouper(
            write_lines=self.staged.append, write_block=lambda _row: None, is_cancellation=lambda _n: False, drop_repeats=True,
        )  # fmt: skip
        self.rejects = Rejects(self._rejected.append)
        maker = LineMaker(rules, lambda _row: None)
        self.intake = Intake(maker, self.grouper, self.rejects, corrections=corrections or Corrections())

    def feed(self, table, **options):
        read = self.intake.feed(table, 1, **options)
        self.grouper.close()
        self.grouper.flush()
        return read

    @property
    def stored(self):
        return "".join(self.staged).count("\n")

    @property
    def rejected(self):
        rows = [row.rstrip("\n").split("\t") for row in self._rejected]
        return [dict(zip(REJECT.columns, map(unescape, row), strict=True)) for row in rows]


def row(number, day="2026-05-03", amount="1", code="77", patient="Jane Roe"):
    return [number, day, amount, code, patient]


def chunk(*rows, begin=2, torn=()):
    return Chunk(list(rows), range(begin, begin + len(rows)), torn)


@pytest.fixture
def taken():
    return Taken()


def test_good_rows_go_in(taken):
    assert taken.feed(FakeTable(chunk(row("1"), row("2")), chunk(row("3"), begin=4))) == 3
    assert (taken.stored, taken.rejected) == (3, [])


def test_one_bad_row_does_not_stop_the_others(taken):
    assert taken.feed(FakeTable(chunk(row("1"), row("2", "soon"), row("3")))) == 3
    assert taken.stored == 2
    (reject,) = taken.rejected
    assert (reject["line_no"], reject["reason"], reject["field"], reject["column_name"]) == (
        "3", "date_unreadable", "date", "Date",
    )  # fmt: skip
    assert taken.rejects.by_reason == {"date_unreadable": 1}


def test_columns_without_a_field_are_not_kept(taken):
    taken.feed(FakeTable(chunk(row("1", "soon"))))
    assert json.loads(taken.rejected[0]["raw"]) == {
        "number": "1",
        "date": "soon",
        "amount": "1",
        "code": "77",
    }


def test_all_that_is_wrong_with_a_row_is_said(taken):
    taken.feed(FakeTable(chunk(row("", "soon", "x"))))
    message = taken.rejected[0]["message"]
    assert (
        "no order number" in message and "cannot be read as a date" in message and "not a number" in message
    )
    assert taken.rejected[0]["reason"] == "number_missing"


def test_contradiction_found_on_the_fast_way_keeps_its_own_row(taken):
    taken.feed(FakeTable(chunk(row("1"), row("1", amount="2", code="99"), row("1", amount="3"))))
    # It is judged when all lines of its order are seen; until then its cells are remembered as they came.
    assert (taken.stored, taken.rejected) == (3, [])
    assert taken.rejects.held(1, 3)["code"] == "99"
    assert taken.rejects.held(1, 2) is None


def test_blank_rows_are_no_lines(taken):
    assert taken.feed(FakeTable(chunk([], row("1"), ["", " ", "", "", ""]))) == 1
    assert (taken.stored, taken.rejected) == (1, [])


def test_empty_cells_beyond_the_header_are_no_fault_and_others_are(taken):
    assert taken.feed(FakeTable(chunk([*row("1"), "", ""], [*row("2"), "x"], ["3"]))) == 3
    assert taken.stored == 1
    assert [(r["reason"], r["message"]) for r in taken.rejected] == [
        ("wrong_columns", "The line has 6 columns, the header has 5."),
        ("wrong_columns", "The line has 1 column, the header has 5."),
    ]


def test_torn_lines_are_read_and_rejected(taken):
    torn = (Torn(2, "The line cannot be split."),)
    assert taken.feed(FakeTable(chunk(row("1"), begin=3, torn=torn))) == 2
    assert [(r["line_no"], r["reason"], r["raw"]) for r in taken.rejected] == [("2", "bad_quotes", "{}")]


def test_without_headings_the_column_is_named_by_its_number(taken):
    taken.feed(FakeTable(chunk(row("1", "soon")), header=[]))
    assert taken.rejected[0]["column_name"] == "column 2"


def test_same_bad_content_twice_is_two_rejects_and_the_same_two_next_time():
    first, second = Taken(), Taken()
    for one in (first, second):
        one.feed(FakeTable(chunk(row("1", "soon"), row("1", "soon"))))
    names = [reject["fingerprint"] for reject in first.rejected]
    assert len(set(names)) == 2
    assert names == [reject["fingerprint"] for reject in second.rejected]


def test_correction_made_before_is_applied_again(taken):
    table = FakeTable(chunk(row("1", "soon")))
    taken.feed(table)
    (reject,) = taken.rejected
    cells = {"number": "1", "date": "2026-05-03", "amount": "1"}
    again = Taken(Corrections([corrected(reject, cells)]))
    assert again.feed(table) == 1
    assert (again.stored, again.rejected) == (1, [])
    assert again.staged[0].endswith("\t1\n")


def test_correction_that_no_longer_holds_is_no_help(taken):
    table = FakeTable(chunk(row("1", "soon")))
    taken.feed(table)
    (reject,) = taken.rejected
    again = Taken(Corrections([corrected(reject, {"number": "1", "date": "later", "amount": "1"})]))
    again.feed(table)
    (left,) = again.rejected
    # It waits as a line of its own: the one that was corrected is settled.
    assert left.pop("fingerprint") != reject.pop("fingerprint")
    assert left == reject


@pytest.mark.parametrize("which", [0, 1, 2])
def test_correction_holds_for_its_content_whichever_of_equal_lines_it_was_made_of(taken, which):
    taken.feed(FakeTable(chunk(row("1", "soon"), row("1", "soon"), row("1", "soon"))))
    cells = {"number": "1", "date": "2026-05-03", "amount": "1"}
    corrections = [corrected(taken.rejected[which], cells)]
    alone = Taken(Corrections(corrections))
    alone.feed(FakeTable(chunk(row("1", "soon"))))
    assert (alone.stored, alone.rejected) == (1, [])
    again = Taken(Corrections(corrections))
    again.feed(FakeTable(chunk(row("1", "soon"), row("1", "soon"), row("1", "soon"))))
    assert again.stored == 1
    others = {reject["fingerprint"] for place, reject in enumerate(taken.rejected) if place != which}
    assert {reject["fingerprint"] for reject in again.rejected} == others


def corrected(reject, cells):
    return Corrected(reject["reason"], json.loads(reject["raw"]), reject["fingerprint"], cells)


def test_reading_ends_after_about_as_many_lines_as_asked_for(taken):
    chunks = [chunk(row(str(n)), begin=n) for n in range(1, 6)]
    assert taken.feed(FakeTable(*chunks), at_most=2) == 2


def test_progress_is_told_chunk_by_chunk(taken):
    done = []
    taken.intake.report = done.append
    taken.feed(FakeTable(chunk(row("1")), chunk(row("2"), begin=3)))
    assert done == [100, 200]


def test_kept_cells_are_cut_and_free_of_nul(taken):
    taken.feed(FakeTable(chunk(row("1\0", amount="x" * 600))))
    raw = json.loads(taken.rejected[0]["raw"])
    assert (raw["number"], len(raw["amount"])) == ("1␀", 500)


def test_cells_and_headings_of_a_table():
    table = FakeTable()
    assert cells_of(table, ["1", "d"]) == {"number": "1", "date": "d"}
    assert (column_of(table, "code"), column_of(table, "state")) == ("Code", "")
    assert dropped_headings(table) == ["Patient"]
