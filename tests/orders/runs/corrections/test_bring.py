"""The file of rejected rows loads again as it is: each row goes into its order once, and can be taken back."""

import io
from decimal import Decimal
from unittest import mock

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.book.models import Order
from orders.ingest.merging import compare
from orders.ingest.rejected_rows import rejected_file, rejected_rows
from orders.rejects import service
from orders.rejects.models import RejectedLine
from orders.runs import service as runs
from orders.sources.service import save_source
from orders.sources.spec import Spec
from partners.standing.models import PartnerMonth
from prm.core.csv import armed, unarmed
from prm.core.ids import uuid7
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import

NO_HEADER = {"header": False, "columns": {"number": 3, "date": 1, "code": 2, "amount": 4}}
TWO_FILES = {
    "columns": {"number": "ORDER", "product_code": "ITEM", "amount": "SUM"},
    "header_columns": {"number": "ORDER", "date": "DAY", "code": "WHO", "currency": "SUM"},
    "header_files": "heads*",
}
FORMULA = {
    "columns": {
        "number": "No",
        "date": "Date",
        "quantity": "Qty",
        "unit_price": "Price",
        "discount_percent": "Off",
    },
    "delimiter": "semicolon",
    "decimal_mark": ",",
    "encoding": "cp1252",
    "date_formats": ["%d.%m.%Y"],
}


def file_of(source):
    return service.as_file(source, RejectedLine.objects.filter(source=source))


def sums():
    return dict(Order.objects.order_by("number").values_list("number", "amount"))


def workbook():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["nothing"])
        sheet = book.add_worksheet("Orders")
        sheet.write_row(0, 0, ["No", "Date", "Code", "Item", "Qty", "Price"])
        sheet.write_row(1, 0, [7, "2026-05-03", "A", "x", 1, 10])
        sheet.write_row(2, 0, [7, "soon", "A", "x", 1.5, 10])
    return out.getvalue()


# What is imported, what is wrong in it, what a person types, and what the orders come to then.
SOURCES = {
    "plain": ({}, [csv_text("1,2026-05-03,77,A,1,100", "1,2026-05-03,77,B,1,5O")], (b"5O", b"50"), {"1": 150}),
    "no headings": (NO_HEADER, [b"2026-05-03,A,1,10\nmorgen,A,1,5\n"], (b"morgen", b"2026-05-03"), {"1": 15}),
    "two files": (
        TWO_FILES,
        [b"ORDER,DAY,WHO,SUM\n1,2026-05-03,A,EUR\n", b"ORDER,ITEM,SUM\n1,a,10\n1,b,x5\n"],
        (b"x5", b"5"),
        {"1": 15},
    ),
    "amounts of several columns": (
        FORMULA,
        ["No;Date;Qty;Price;Off\nä1;03.05.2026;2;1.000,50;10\nä1;03.05.2026;2;zehn €;5O\n".encode("cp1252")],
        ("zehn €;5O".encode("cp1252"), b"10,00;50"),
        {"ä1": Decimal("1810.90")},
    ),
    "several sheets": ({"sheet": "Orders"}, [workbook()], (b"soon", b"2026-05-03"), {"7": 25}),
    "filters and totals": (
        {
            "columns": {"number": "No", "date": "Date", "amount": "Sum"},
            "filters": [{"column": "Kind", "take": ["sale"]}],
            "control_totals": {"row": "Total", "lines": "Sum"},
        },
        [b"No,Date,Sum,Kind\n1,2026-05-03,5,sale\n1,never,7,sale\n2,x,9,test\nTotal,,3,\n"],
        (b"never", b"2026-05-03"),
        {"1": 12},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_rejected_file_is_read_by_its_source(in_mercy, name):
    spec, files, (wrong, right), expected = SOURCES[name]
    source = save_source(None, name="Orders", spec={"columns": COLUMNS} | spec)
    names = [f"{'heads' if place == 0 and len(files) == 2 else 'o'}{place}" for place in range(len(files))]
    first = run_import(source, *files, names=names)
    assert first.counts["lines"]["rejected"] == 1, first.message
    content = file_of(source)
    as_it_is = run_import(source, content, names=["again.csv"])
    assert (as_it_is.state, as_it_is.counts["lines"]["rejected"], as_it_is.counts["wrote"]) == (
        "done",
        1,
        False,
    )
    assert as_it_is.counts["problems"][0][1]
    run = run_import(source, content.replace(wrong, right), names=["again.csv"])
    assert (run.state, run.counts["lines"]["stored"]) == ("done", 1), run.message
    assert sums() == expected
    assert RejectedLine.objects.get().settled_in_id == run.pk
    twice = run_import(source, content.replace(wrong, right))
    assert (twice.counts["lines"]["left_out"], twice.counts["wrote"], sums()) == (1, False, expected)


def test_what_the_source_reads_by_now_goes_in_as_it_is_and_can_be_taken_back(in_mercy):
    source = make_source(create_partners=True)
    rows = ["1,2026-05-03,77,A,1,100", "1,03.05.2026,77,B,1,50", "2,04.05.2026,77,B,1,7"]
    run_import(source, csv_text(*rows), accepted=["date=as-source"])
    before = sums()
    content = file_of(source)
    save_source(source, name="Orders", spec={**source.spec, "date_formats": ["iso", "%d.%m.%Y"]})
    run = run_import(source, content)
    assert (sums(), PartnerMonth.objects.get().revenue) == ({"1": 150, "2": 7}, 157)
    runs.take_back(run.pk)
    assert (sums(), PartnerMonth.objects.get().revenue) == (before, 100)
    assert set(RejectedLine.objects.values_list("state", "corrected", "settled_by")) == {("open", None, "")}
    run_import(source, content)
    assert sums() == {"1": 150, "2": 7}


def test_correction_from_the_file_is_remembered_when_the_source_sends_the_row_again(in_mercy):
    source = make_source()
    import_rows(source, "1,2026-05-03,77,A,1,5O")
    run_import(source, file_of(source).replace(b"5O", b"50"))
    import_rows(source, "1,2026-05-03,77,A,1,5O", "1,2026-05-03,77,B,1,1")
    assert sums() == {"1": 51}


def test_rows_that_differ_in_a_column_of_no_field_stay_two_and_repeats_one(in_mercy):
    source = make_source()
    header = "No,Date,Code,Item,Qty,Price,Line"
    rows = [f"1,3.5.26,77,A,1,10,{line}" for line in ("a", "b", "b")]
    run_import(source, csv_text(*rows, header=header), accepted=["date=as-source"])
    save_source(source, name="Orders", spec={**source.spec, "date_formats": ["%d.%m.%y"]})
    run = run_import(source, file_of(source))
    assert (sums(), run.counts["lines"]["repeated"]) == ({"1": 20}, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text + "9,2026-05-03,77,A,1,1,mine\n", "no longer says which rejected row"),
        (lambda text: text.replace("[rejected row 0", "[rejected row 1"), "was not rejected from the source"),
    ],
)
def test_row_that_is_no_rejected_one_is_refused_with_all_of_its_file(in_mercy, change, said):
    source = make_source()
    import_rows(source, "1,2026-05-03,77,A,1,5O")
    run = run_import(source, change(file_of(source).decode()).replace("5O", "50"))
    assert (run.state, sums()) == ("failed", {}) and said in run.message


def test_rejected_rows_and_new_orders_are_two_imports(in_mercy):
    source = make_source()
    import_rows(source, "1,2026-05-03,77,A,1,5O")
    run = run_import(source, csv_text("2,2026-05-03,77,A,1,1"), file_of(source))
    assert run.state == "failed" and "one after the other" in run.message


def test_row_of_another_code_than_its_held_order_waits_on(in_mercy):
    source = make_source()
    import_rows(source, "1,2026-05-03,77,A,1,100", "1,2026-05-03,77,A,1,5O")
    run = run_import(source, file_of(source).replace(b",77,A,1,5O", b",78,A,1,50"))
    assert (run.counts["rejected_by_reason"], sums()) == ({"two_codes": 1}, {"1": 100})
    assert RejectedLine.objects.get().state == "open"


def test_amount_that_nothing_holds_leaves_its_row_waiting_and_the_others_go_in(in_mercy):
    source = make_source()
    import_rows(source, "1,2026-05-03,77,A,1,x", "2,2026-05-03,77,A,1,y")
    content = file_of(source).replace(b",1,x,", b",999999999,999999999999,").replace(b",1,y,", b",1,6,")
    run = run_import(source, content)
    assert (sums(), run.counts["lines"]["rejected"]) == ({"2": 6}, 1)
    assert sorted(RejectedLine.objects.values_list("number", "state")) == [("1", "open"), ("2", "corrected")]


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@settings(max_examples=60)
@given(cells=st.lists(CELLS, min_size=3, max_size=3), form=st.sampled_from(
    [{}, {"delimiter": "tab", "quote": "'"}, {"escape": "\\"}, {"delimiter": "pipe", "encoding": "cp1252"},
     {"encoding": "utf-16"}, {"header": False, "columns": {"number": 2, "date": 1, "amount": 4}}]))  # fmt: skip
def test_every_cell_comes_back_as_it_was(cells, form, tmp_path_factory):
    from orders.doors.files.inputs import FileInput

    spec = Spec.parse({"columns": {"number": "No", "date": "Day", "amount": "Sum"}} | form)
    row = dict(zip(spec.fields, cells, strict=True))
    path = tmp_path_factory.mktemp("r") / "rejected.csv"
    path.write_bytes(rejected_file(spec, [(uuid7(), row, "=1+1")]))
    (found,) = rejected_rows([FileInput(path, path.name)], spec)
    assert found.cells == row


@given(CELLS)
def test_no_cell_runs_in_a_spreadsheet(text):
    assert unarmed(armed(text)) == text
    assert not armed(text).startswith(("=", "+", "@"))


REFUSED = {
    "a decimal comma, its own days": (
        {"columns": COLUMNS | {"state": "St", "currency": "Cur"}, "decimal_mark": ",", "date_formats": ["%d.%m.%Y"], "delimiter": ";"},
        "No;Date;Code;Item;Qty;Price;St;Cur",
        "1;03.05.2026;77;A;1,234;10,5;completed;USD",
    ),
    "shared credit in one column": (
        {"columns": COLUMNS | {"credit": "Team", "currency": "Cur"}},
        "No,Date,Code,Item,Qty,Price,Team,Cur",
        "1,2026-05-03,,A,1.234,10.5,R1:66.67;R2:33.33,USD",
    ),
    "shared credit in several": (
        {"columns": COLUMNS | {"credit_1": "A1", "share_1": "S1", "credit_2": "A2", "share_2": "S2", "currency": "Cur"}},
        "No,Date,Code,Item,Qty,Price,A1,S1,A2,S2,Cur",
        "1,2026-05-03,,A,1.234,10.5,R1,60,R2,40,USD",
    ),
    "minor units, several parts of a number, a discount": (
        {"columns": {"number": "No", "number_2": "Part", "date": "Date", "quantity": "Qty", "unit_price": "Price", "discount": "Off", "currency": "Cur"},
         "minor_units": True},
        "No,Part,Date,Qty,Price,Off,Cur",
        "1,a|b,2026-05-03,2,1250,250,USD",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_order_that_was_refused_as_a_whole_loads_again_as_it_is(in_mercy, name):
    """Its cells were not kept: they are written anew in the form of the source, and come to the same order."""
    spec, header, row = REFUSED[name]
    source = save_source(None, name="Orders", spec=spec)
    good = csv_text(row, header=header)
    run_import(source, good)
    expected = Order.objects.values("number", "amount", "units", "code", "credits", "placed_at").get()
    # A line that is added in another currency is refused when the order is seen; then it is right.
    rejected = rejects_of(source, good)
    Order.objects.all().delete()
    run = run_import(source, rejected)
    assert (run.state, run.counts["lines"]["stored"]) == ("done", 1), run.counts
    assert Order.objects.values("number", "amount", "units", "code", "credits", "placed_at").get() == expected


def rejects_of(source, text):
    """The file of the rejected rows of an order that is refused as it is merged."""
    Order.objects.all().delete()
    with mock.patch.object(compare, "SUM_LIMIT", 1):
        assert run_import(source, text).counts["lines"]["rejected"] == 1
    return file_of(source)
