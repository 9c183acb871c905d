"""A file is read once and all of it counts: its layout, its rows, what is none; hostile ones answer in words."""

import pytest

from orders.ingest.errors import BrokenFile
from orders.proof.choices import open_findings, spec_from
from orders.proof.finding import Place
from orders.proof.findings import findings_of, likely_columns, missing_of
from orders.proof.study import study
from orders.sources.service import save_source
from tests.orders.factories import run_import

EXPORT = """Umsatzbericht 2026
Erstellt am 23.11.2026
AUFTRNR;DATUM;ZUW_NR;BETRAG;STATUS
R-1;03.05.2026;0000000012;1.234,56;erledigt
R-1;03.05.2026;0000000012;5,00;
R-2;14.05.2026;0000000013;7,00;storniert
Summe;;;1.246,56;
"""


@pytest.fixture
def studied(tmp_path):
    def write(content, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("cp1252"))
        return study(path, name)

    return write


def test_titles_headings_rows_and_totals_are_told_apart(studied):
    found = studied(EXPORT)
    assert (found.header_line, found.titles, found.lines, found.totals_count) == (3, 2, 3, 1)
    assert found.header == ["AUFTRNR", "DATUM", "ZUW_NR", "BETRAG", "STATUS"]
    assert [row.line for row in found.first_rows] == [4, 5, 6]
    by_name = {tally.heading: tally for tally in found.columns}
    assert (by_name["STATUS"].blank, by_name["STATUS"].blank_first) == (1, 0)
    assert by_name["BETRAG"].numbers.sums == {".": "0", ",": "1246.56"}
    assert by_name["ZUW_NR"].zeros == 3


def test_blank_cell_of_an_orders_first_row_is_told_from_one_below(studied):
    found = studied(
        "No;Date;Sum;State\n1;2026-05-03;5;\n1;2026-05-03;5;\n2;2026-05-03;5;open\n2;2026-05-03;6;\n"
    )
    state = found.columns[3]
    assert (state.blank, state.blank_first) == (3, 1)


def test_rows_of_another_width_are_counted_with_the_first(studied):
    found = studied("No;Date;Sum\n1;2026-05-03;5\n2;2026-05-03\n3;2026-05-03;5;6\n4;2026-05-03;5\n")
    assert (found.lines, found.odd.count, found.odd.line, found.odd.text) == (2, 2, 3, "2 of 3 columns")


def test_file_without_headings_has_its_columns_by_number(studied):
    found = studied("1;2026-05-03;5\n2;2026-05-03;5\n")
    assert (found.header, found.lines) == ([], 2)
    assert [tally.heading for tally in found.columns] == ["column 1", "column 2", "column 3"]


def test_what_is_kept_does_not_grow_with_the_file(studied):
    found = studied("No;Date;Sum\n" + "".join(f"{n};2026-05-03;{n}\n" for n in range(5_000)))
    assert found.lines == 5_000 and len(found.first_rows) == 8
    assert [(tally.has_many, len(tally.words)) for tally in found.columns] == [
        (True, 0),
        (False, 1),
        (True, 0),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty"),
        (b"\n\n  \n", "nothing but blank lines"),
        (b"No;Date;Sum\n", "headings and nothing below"),
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"\xd0\xcf\x11\xe0 ...", "Excel file of the old kind"),
        (b"just some words\nand more of them\n", "This is no table"),
        (b'No;Date;Sum\n1;"2026-05-03;5\n', "never closed"),
        (b"x" * 2_000_000, "longer than 1,000,000 bytes"),
        (b"PK\x03\x04 not a zip", "ZIP file"),
    ],
)
def test_what_is_no_table_of_orders_is_said(studied, content, why):
    with pytest.raises(BrokenFile, match=why):
        studied(content)


def test_progress_is_told(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("No;Date;Sum\n" + "1;2026-05-03;5\n" * 5_000)
    told = []
    study(path, "many.csv", report=lambda lines, read: told.append((lines, read)))
    assert [lines for lines, _ in told] == [2_020, 4_020, 5_000] and told[-1][1] == path.stat().st_size


def test_an_export_in_utc_by_name_is_described_by_itself(tmp_path):
    path = tmp_path / "o.csv"
    path.write_text(
        "No,Created,Sum\n" + "".join(f"{n},2026-05-{n:02} 09:30:12 UTC,{n}.50\n" for n in range(1, 20))
    )
    found = study(path, "o.csv")
    columns = likely_columns(found)
    findings = findings_of(found, columns, Place("America/New_York", "USD"))
    assert open_findings(findings, {}) == []
    assert spec_from(found, columns, findings, {})["date_formats"] == ["%Y-%m-%d %H:%M:%S UTC"]
    assert any("carry their own offset" in finding.evidence for finding in findings)


@pytest.mark.parametrize(
    ("text", "columns", "formats"),
    [
        ("N\u00b0 commande;Date;Montant TTC\n1;3 ao\u00fbt 2026;1234,50\n2;14 ao\u00fbt 2026;5,00\n", ["N\u00b0 commande", "Date", "Montant TTC"], ["%d %B %Y"]),
        ("\u6ce8\u6587\u756a\u53f7,\u6ce8\u6587\u65e5,\u91d1\u984d\n1,2026\u5e745\u67083\u65e5,1234\n2,2026\u5e745\u670814\u65e5,500\n", None, ["%Y\u5e74%m\u6708%d\u65e5"]),
        ("\u03a0\u03b1\u03c1\u03b1\u03b3\u03b3\u03b5\u03bb\u03af\u03b1;\u0397\u03bc\u03b5\u03c1\u03bf\u03bc\u03b7\u03bd\u03af\u03b1;\u03a0\u03bf\u03c3\u03cc\n1;03/05/2026;1234,50\n2;14/05/2026;5,00\n", None, ["%d/%m/%Y"]),
        ("Sipari\u015f No^Tarih^Tutar\n1^03.05.2026^12,50\n2^14.05.2026^5,00\n", None, ["%d.%m.%Y"]),
        ("No,Date,Sum\n1,2026-05-03,5.00\nNo,Date,Sum\n2,2026-05-04,7.00\n", ["No", "Date", "Sum"], ["iso"]),
    ],
)  # fmt: skip
def test_exports_of_other_countries_and_shapes_are_described_by_themselves(
    in_mercy, tmp_path, text, columns, formats
):
    path = tmp_path / "o.csv"
    path.write_text(text)
    found = study(path, "o.csv")
    by_field = likely_columns(found)
    assert missing_of(by_field) == []
    findings = findings_of(found, by_field, Place("UTC", "USD"))
    spec = spec_from(found, by_field, findings, {})
    assert (open_findings(findings, {}), spec["date_formats"]) == ([], formats)
    assert columns is None or [spec["columns"][name] for name in ("number", "date", "amount")] == columns
    run = run_import(save_source(None, name="Made", spec=spec), text)
    assert (run.state, run.counts["lines"]["stored"], run.counts["lines"]["rejected"]) == ("done", 2, 0), (
        run.message
    )


SAP_LIST = """Tabelle:  VBAK

----------------------------------------
| Auftrag | Datum      | Kunde  |   Betrag |
|---------+------------+--------+----------|
| 4711    | 23.11.2026 | 100022 | 1.234,50 |
| 4712    | 24.11.2026 | 100023 |   99,00- |
----------------------------------------
"""


def test_a_list_drawn_with_rules_and_bars_is_a_table(studied, in_mercy):
    found = studied(SAP_LIST)
    columns = likely_columns(found)
    assert (found.lines, found.odd.count, missing_of(columns)) == (2, 0, [])
    findings = findings_of(found, columns, Place("Europe/Berlin", "EUR"))
    source = save_source(None, name="SAP", spec=spec_from(found, columns, findings, {}))
    run = run_import(source, SAP_LIST, names=["list.txt"])
    assert run.state == "done"
    assert [(o.number, str(o.amount)) for o in source.orders.order_by("number")] == [
        ("4711", "1234.5000"),
        ("4712", "-99.0000"),
    ]


def test_a_word_that_is_known_here_decides_between_encodings(studied):
    found = studied("Auftragsnr;Datum;Betrag;Währung\n1;23.11.2026;1,5;EUR\n")
    assert (found.letters.encoding, found.letters.is_certain) == ("cp1252", True)
    assert "Währung, come out of no other" in found.letters.evidence


def test_orders_whose_rows_do_not_follow_one_another_have_one_first_row(studied):
    found = studied(
        "No;Date;Sum;State\n1001;2026-05-03;5;paid\n2;2026-05-03;5;paid\n1001.0;;5;\n2;;6;-\n3;2026-05-03;1;-\n"
    )
    assert (found.columns[3].blank, found.columns[3].blank_first) == (3, 1)


def test_rows_that_a_comma_divides_are_told_from_no_rows(studied):
    with pytest.raises(BrokenFile, match=r"line 2 has 5 of 4 columns\. A comma inside an amount"):
        studied("No,Date,Code,Sum\n1,2026-05-03,A,1,234.50\n")
