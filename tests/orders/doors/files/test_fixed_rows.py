"""Files of fixed width: where columns begin, lines that end early, files that are cut off, and orders from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.book.models import Order
from orders.doors.files.fixed_rows import find_starts, split_at
from orders.doors.files.layout import find_layout
from orders.doors.files.table import open_table
from orders.ingest.errors import BrokenFile
from orders.proof.choices import open_findings, spec_from
from orders.proof.finding import Place
from orders.proof.findings import findings_of, likely_columns
from orders.proof.study import study
from orders.rejects import service as rejecting
from orders.rejects.models import RejectedLine
from orders.sources.service import save_source
from orders.sources.spec import Spec
from prm.core.schema import SchemaError
from tests.orders.factories import run_import

EXPORT = """\
Umsatzliste 2026
Auftrag  Datum      Kunde  Name             Betrag
-------- ---------- ------ ------------- ---------
10000001 03.05.2026 A100   Smith, Ann     1.234,50
10000002 04.05.2026        Bo Li              5,00
10000003 14.05.2026 B2     Field, Mary      100,00

Summe                                     1.339,50
"""
STARTS = (1, 10, 21, 28, 42)
COLUMNS = {"number": "Auftrag", "date": "Datum", "code": "Kunde", "partner_name": "Name", "amount": "Betrag"}


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "orders.txt"
    path.write_bytes(EXPORT.encode("cp1252"))
    return path


def test_columns_begin_where_all_lines_have_a_blank_before():
    assert find_layout(EXPORT.splitlines(keepends=True)).starts == STARTS
    # Without the rule: a blank that all names happen to have is no border, as no heading stands behind it.
    bare = [line for line in EXPORT.splitlines(keepends=True) if not line.startswith("---")]
    assert find_layout(bare).starts == (1, 10, 21, 28, 43)
    assert find_starts(["no table", "at all", "just words"]) == ()


@given(st.lists(st.tuples(*[st.text("ab1", min_size=1, max_size=6)] * 3), min_size=1, max_size=9))
def test_cells_are_what_was_written_between(rows):
    lines = ["".join(f"{cell:<8}" for cell in row) for row in rows]
    assert [split_at(f"{line.rstrip()}\n", [0, 8, 16]) for line in lines] == [list(row) for row in rows]


def test_a_file_of_fixed_width_is_described_by_itself_and_imported(in_mercy, export):
    found = study(export, "orders.txt")
    columns = likely_columns(found)
    findings = findings_of(found, columns, Place("UTC", "USD"))
    assert open_findings(findings, {}) == []
    spec = spec_from(found, columns, findings, {})
    assert (spec["starts"], spec["columns"], spec["decimal_mark"]) == (list(STARTS), COLUMNS, ",")
    source = save_source(None, name="Host", spec=spec)
    run = run_import(source, export.read_bytes(), names=["orders.txt"])
    assert (run.state, run.counts["lines"]["stored"]) == ("done", 3), run.message
    assert {o.number: (o.code, str(o.amount)) for o in Order.objects.all()} == {
        "10000001": ("A100", "1234.5000"), "10000002": ("", "5.0000"), "10000003": ("B2", "100.0000"),
    }  # fmt: skip


def test_rejected_rows_of_such_a_file_load_again(in_mercy, export):
    spec = {
        "columns": COLUMNS,
        "starts": list(STARTS),
        "decimal_mark": ",",
        "date_formats": ["%d.%m.%Y"],
        "totals": ["summe"],
    }
    source = save_source(None, name="Host", spec=spec)
    run_import(source, export.read_bytes().replace(b" 5,00", b" 5,0O"), names=["orders.txt"])
    content = rejecting.as_file(source, RejectedLine.objects.all())
    assert run_import(source, content.replace(b"5,0O", b"5,00")).counts["lines"]["stored"] == 1
    assert Order.objects.count() == 3


def test_a_file_that_is_cut_off_in_a_line_is_not_taken(tmp_path):
    path = tmp_path / "cut.txt"
    path.write_text(EXPORT[: EXPORT.index("Field, Mary") + 3])
    spec = Spec(columns=COLUMNS, starts=STARTS, date_formats=("%d.%m.%Y",), decimal_mark=",")
    with pytest.raises(BrokenFile, match="cut off in the middle"), open_table(path, spec) as table:
        list(table.chunks(100))


@pytest.mark.parametrize("starts", [[1], [0, 5], [9, 1], [1, 1], ["a", 2], "1, 9"])
def test_places_that_are_none_are_refused(starts):
    with pytest.raises(SchemaError, match=r"in which character each column begins|whole number|starts"):
        Spec.parse({"columns": {"number": "A", "date": "B", "amount": "C"}, "starts": starts})
