"""A file is read once and all of it counts: its layout, its rows, what is none; hostile ones answer in words."""

import pytest

from orders.ingest.errors import BrokenFile
from orders.proof.study import study

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
