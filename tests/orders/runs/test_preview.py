"""What a preview says an import would do is what the import then does; it writes nothing."""

import pytest

from orders.book.models import Order
from orders.doors.files.inputs import FileInput
from orders.ingest.errors import BrokenFile
from orders.rejects.models import RejectedLine
from orders.runs import preview as previewing
from orders.runs.preview import preview
from partners.directory.models import Partner
from tests.orders.factories import COLUMNS, HEADER, csv_text, import_rows, make_source, run_import


@pytest.fixture
def looked_at(tmp_path):
    def look(source, *texts):
        inputs = []
        for place, text in enumerate(texts, start=1):
            path = tmp_path / f"orders{place}.csv"
            path.write_text(text)
            inputs.append(FileInput(path, path.name))
        return preview(source, inputs)

    return look


def shares(shown):
    return {share.key: share.count for share in shown.shares}


TEXT = csv_text(
    "1,2026-05-03,77,A,1,10", "1,2026-05-03,77,A,1,10", "2,2026-05-04,78,A,1,20", "3,2026-05-04,78,A,-1,5",
    "4,bad,78,A,1,1", "5,2026-05-04,,A,1,1",
)  # fmt: skip


def test_preview_foretells_the_import_and_writes_nothing(in_mercy, looked_at):
    source = make_source(create_partners=True)
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-04,78,A,1,19")
    before = Order.objects.count(), Partner.objects.count(), RejectedLine.objects.count()
    shown = looked_at(source, TEXT)
    assert (Order.objects.count(), Partner.objects.count(), RejectedLine.objects.count()) == before
    assert shares(shown) == {"new": 1, "corrected": 1, "reversed": 1, "same": 1, "rejected": 1}
    counts = run_import(source, TEXT).counts
    assert (shown.lines, shown.rejected, shown.repeated) == (
        counts["lines"]["read"], counts["lines"]["rejected"], counts["lines"]["repeated"],
    )  # fmt: skip
    assert counts["orders"]["created"] == shares(shown)["new"] + shares(shown)["reversed"]
    assert counts["orders"]["corrected"] == shares(shown)["corrected"]
    assert shown.untied == counts["unattributed"]["orders"] == 1
    assert shown.tied == pytest.approx(2 / 3)


def test_first_rows_say_what_becomes_of_each(in_mercy, looked_at):
    source = make_source(create_partners=True)
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-04,78,A,1,19")
    rows = [(row.line, row.result, row.kind) for row in looked_at(source, TEXT).rows]
    assert rows == [
        (2, "Already here, unchanged", ""),
        (3, "Already here, unchanged", ""),
        (4, "Corrects the order held, was 19.00", ""),
        (5, "Cancellation, 78", ""),
        (6, "Rejected: 'bad' cannot be read as a date (2026-11-23 14:30).", "bad"),
        (7, "New, unattributed: no code", "warn"),
    ]


def test_row_of_another_width_is_said_to_be_rejected(in_mercy, looked_at):
    shown = looked_at(make_source(), csv_text("1,2026-05-03,77", "2,2026-05-03,77,A,1,1"))
    assert [row.result for row in shown.rows] == [
        "Rejected: The line has 3 columns, the header has 6.", "New, unattributed: code unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "rejects"),
    [
        # Blank cells that stand in the row above, in the middle of an order and where no row above says them.
        (["1,2026-05-03,77,A,1,10,done", "1,,77,B,1,5,", "2,,77,B,1,5,"], [4]),
        # An order that fails as a whole.
        (["1,2026-05-03,77,A,1,10,done", "1,2026-05-03,78,B,1,5,done", "2,2026-05-03,77,A,1,3,done"], [3]),
        # Empty cells beyond the header are no fault; others are.
        (["1,2026-05-03,77,A,1,10,done,,", "2,2026-05-03,77,A,1,10,done,x", "3,2026-05-03,77,A,1"], [3, 4]),
        (["1,2026-05-03,77,A,1,9999999999999999999999,done", "2,2026-05-03,77,A,1,1,lost"], [2, 3]),
    ],
    ids=["blank", "order", "width", "cells"],
)
def test_first_rows_are_those_that_the_import_rejects(in_mercy, looked_at, rows, rejects):
    source = make_source(columns={**COLUMNS, "state": "State"}, states={"done": "completed"})
    text = csv_text(*rows, header=f"{HEADER},State")
    shown = looked_at(source, text)
    assert [row.line for row in shown.rows if row.kind == "bad"] == rejects
    assert all(row.result.startswith("Rejected: ") == (row.line in rejects) for row in shown.rows)
    assert shown.rejected == len(rejects)
    run_import(source, text)
    kept = {line.line_no: line.message for line in RejectedLine.objects.all()}
    assert {
        row.line: row.result.removeprefix("Rejected: ") for row in shown.rows if row.kind == "bad"
    } == kept


def test_order_number_with_a_backslash_is_found_again(in_mercy, looked_at):
    shown = looked_at(make_source(), csv_text("A\\1,2026-05-03,,A,1,1"))
    assert [row.result for row in shown.rows] == ["New, unattributed: no code"]


def test_columns_warn_where_cells_cannot_be_read(in_mercy, looked_at):
    shown = looked_at(make_source(), TEXT)
    assert {column.field: column.warning for column in shown.columns if column.warning} == {
        "date": "1 cells cannot be read"
    }


def test_names_beside_codes_are_left_out_where_columns_are_many(in_mercy, looked_at):
    columns = COLUMNS | {"partner_name": "Name", "state": "St"}
    text = csv_text("1,2026-05-03,77,A,1,1,Roe,", header="No,Date,Code,Item,Qty,Price,Name,St")
    assert "partner_name" not in [c.field for c in looked_at(make_source(columns=columns), text).columns]


def test_columns_without_a_field_are_named_as_dropped(in_mercy, looked_at):
    text = csv_text("1,2026-05-03,77,A,1,1,Jane", header="No,Date,Code,Item,Qty,Price,Patient")
    assert looked_at(make_source(), text).dropped == ["Patient"]


def test_large_files_are_judged_by_their_beginning(in_mercy, looked_at, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_LINES", 500)
    many = csv_text(*(f"{n},2026-05-03,77,A,1,1" for n in range(1200)))
    shown = looked_at(make_source(), many, many)
    assert shown.partial and 500 <= shown.lines < 1200
    assert not looked_at(make_source("Other"), TEXT).partial


def test_broken_file_is_said_as_in_an_import(in_mercy, looked_at):
    with pytest.raises(BrokenFile, match="separated by semicolon"):
        looked_at(make_source(), TEXT.replace(",", ";"))


def test_what_stops_the_file_is_asked_once(in_mercy, looked_at):
    source = make_source(date_formats=["%d/%m/%Y"])
    shown = looked_at(
        source, csv_text("1,05/03/2026,77,A,1,10", "2,05/14/2026,77,A,1,10", "3,05/15/2026,77,A,1,1")
    )
    assert ([doubt.field for doubt in shown.doubts], shown.questions) == (["date"], [])
    unclear = looked_at(source, csv_text("1,05/03/2026,77,A,1,10"))
    assert (unclear.doubts, [question.field for question in unclear.questions]) == ([], ["date"])
