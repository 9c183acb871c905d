"""Files as they really come: encodings, headings, cut-off ends, quotes, workbooks."""

import io
import zipfile

import pytest

from orders.doors.files.csv_rows import LINE_LIMIT
from orders.doors.files.table import open_table
from orders.doors.files.workbook import WorkbookRows
from orders.ingest.cells import dropped_headings
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec

COLUMNS = {"number": "No", "date": "Date", "amount": "Amount"}
GOOD = "No,Date,Amount\n1,2026-05-03,10\n2,2026-05-04,20\n"


def read(tmp_path, content, *, name="may.csv", size=500, **spec):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = []
    with open_table(path, Spec(columns=spec.pop("columns", COLUMNS), **spec)) as table:
        for chunk in table.chunks(size):
            rows += list(zip(chunk.lines, chunk.rows, strict=True))
        return table, rows


def refused(tmp_path, content, **options):
    with pytest.raises(BrokenFile) as caught:
        read(tmp_path, content, **options)
    return str(caught.value)


def test_rows_come_with_their_line_numbers(tmp_path):
    table, rows = read(tmp_path, GOOD)
    assert rows == [(2, ["1", "2026-05-03", "10"]), (3, ["2", "2026-05-04", "20"])]
    assert table.index == {"number": 0, "date": 1, "amount": 2}


@pytest.mark.parametrize("size", [1, 2, 500])
def test_cells_that_span_lines_and_blank_lines_keep_the_count(tmp_path, size):
    text = 'No,Date,Amount,Note\r\n1,d,5,"two\nlines"\r\n\r\n2,d,6,"a\r\nb\nc"\r\n3,d,7,x\r\n'
    _, rows = read(tmp_path, text, size=size)
    assert [(line, row[0]) for line, row in rows if row] == [(2, "1"), (5, "2"), (8, "3")]


def test_columns_without_a_field_are_named(tmp_path):
    table, _ = read(tmp_path, "No,Patient,Date,Amount\n1,Jane,d,5\n")
    assert dropped_headings(table) == ["Patient"]


def test_headings_match_in_any_case_and_spacing(tmp_path):
    table, _ = read(tmp_path, "no ,DATE,  amount\n1,d,5\n")
    assert table.index == {"number": 0, "date": 1, "amount": 2}


def test_utf8_mark_is_dropped(tmp_path):
    table, _ = read(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())
    assert table.header[0] == "No"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le"])
def test_utf16_is_read_when_declared(tmp_path, codec):
    _, rows = read(tmp_path, GOOD.encode(codec), encoding="utf-16")
    assert len(rows) == 2


def test_declared_cp1252_is_read(tmp_path):
    _, rows = read(tmp_path, "No,Date,Amount\nMüller,d,5\n".encode("cp1252"), encoding="cp1252")
    assert rows[0][1][0] == "Müller"


def test_wrong_encoding_says_line_and_guess(tmp_path):
    content = GOOD.encode() + "3,2026-05-05,Müller\n".encode("cp1252")
    message = refused(tmp_path, content)
    assert message.startswith("may.csv, line 4: The byte fc cannot be read as utf-8.")
    assert "looks like cp1252" in message


def test_wrong_encoding_far_into_a_large_file_says_the_line(tmp_path):
    content = b"No,Date,Amount\n" + b"1,2026-05-03,10\n" * 30_000 + b"\xff,d,1\n"
    assert "line 30,002" in refused(tmp_path, content)


def test_utf16_where_utf8_was_declared(tmp_path):
    assert "written in utf-16, but the source says utf-8" in refused(tmp_path, GOOD.encode("utf-16"))
    assert "written in utf-16" in refused(tmp_path, GOOD.encode("utf-16-le"))


def test_utf8_where_cp1252_was_declared(tmp_path):
    message = refused(tmp_path, "No,Date,Amount\nMüller,d,5\n", encoding="cp1252")
    assert "written in utf-8, but the source says cp1252" in message


def test_empty_and_blank_files(tmp_path):
    assert refused(tmp_path, "") == "may.csv: The file is empty."
    assert "nothing but blank lines" in refused(tmp_path, "\n \n\n")


def test_header_alone_is_a_quiet_day(tmp_path):
    assert read(tmp_path, "No,Date,Amount\n")[1] == []


def test_missing_column_is_named_with_a_guess(tmp_path):
    message = refused(tmp_path, "No,Dates,Amount\n1,d,5\n")
    assert "line 1: There is no column 'Date' (order date). Did you mean 'Dates'?" in message
    assert "The file has: No, Dates, Amount." in message


def test_file_without_headings_is_noticed(tmp_path):
    assert "looks like data, not like headings" in refused(tmp_path, "1,2026-05-03,10\n")


def test_columns_by_number_without_a_header(tmp_path):
    columns = {"number": 1, "date": 2, "amount": 3}
    _, rows = read(tmp_path, "1,2026-05-03,10\n2,2026-05-04,11\n", header=False, columns=columns)
    assert [line for line, _ in rows] == [1, 2]
    message = refused(tmp_path, "1,2\n", header=False, columns=columns)
    assert "Amount should be in column 3, but the line has 2 columns" in message


def test_heading_that_stands_twice(tmp_path):
    assert "stands over two columns" in refused(tmp_path, "No,Date,Amount,Date\n1,d,5,d\n")


def test_wrong_delimiter_is_guessed(tmp_path):
    assert "separated by semicolon" in refused(tmp_path, GOOD.replace(",", ";"))


def test_cut_in_mid_line(tmp_path):
    message = refused(tmp_path, GOOD + "3,2026-0")
    assert message.startswith("may.csv, line 4: The file is cut off in the middle of its last line (2 of 3")


def test_last_line_without_a_line_end_is_whole(tmp_path):
    assert len(read(tmp_path, GOOD.rstrip("\n"))[1]) == 2


def test_quote_that_is_never_closed(tmp_path):
    message = refused(tmp_path, GOOD + '3,"2026-05-05,10\n4,2026-05-06,11\n')
    assert message.startswith("may.csv, line 4: A quotation mark is opened here and never closed")


def test_quote_out_of_place_costs_its_line_only(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text('No,Date,Amount\n1,d,5\n2,"d"x,6\n3,d,7\n')
    seen, torn = [], []
    with open_table(path, Spec(columns=COLUMNS)) as table:
        for chunk in table.chunks(500):
            torn += chunk.torn
            seen += list(zip(chunk.lines, [row[0] for row in chunk.rows], strict=True))
    assert seen == [(2, "1"), (4, "3")]
    assert [line.line_no for line in torn] == [3]


def test_ten_megabyte_field(tmp_path):
    huge = "x" * 10_000_000
    assert f"longer than {LINE_LIMIT:,} bytes" in refused(tmp_path, GOOD + f"3,{huge},1\n")
    quoted = '"' + "x\n" * 5_000_000 + '"'
    assert "line 4: A field is longer than 131,072 characters" in refused(tmp_path, GOOD + f"3,{quoted},1\n")


@pytest.mark.parametrize(
    ("magic", "word"), [(b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "damaged"), (b"\xd0\xcf\x11\xe0", ".xls")]
)
def test_other_files_are_named(tmp_path, magic, word):
    assert word in refused(tmp_path, magic + b"\0" * 50)


def test_damaged_zip_is_said(tmp_path):
    assert "a ZIP file" in refused(tmp_path, b"PK\x03\x04" + b"x" * 50, name="may.zip")


def workbook(*rows, compression=zipfile.ZIP_STORED):
    """A minimal XLSX: inline strings and numbers, one sheet."""
    cells = []
    for number, row in enumerate(rows, start=1):
        inner = ""
        for place, value in enumerate(row):
            where = f"{'ABCDEFGH'[place]}{number}"
            if value is None:
                continue
            if isinstance(value, str):
                inner += f'<c r="{where}" t="inlineStr"><is><t>{value}</t></is></c>'
            else:
                inner += f'<c r="{where}"><v>{value}</v></c>'
        cells.append(f'<row r="{number}">{inner}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>'
        '<sheet name="May" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(cells)}</sheetData></worksheet>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return buffer.getvalue()


def test_workbook_rows_read_like_a_csv_export(tmp_path):
    content = workbook(["No", "Date", "Amount"], ["A1", "2026-05-03", 10.5], [17850.0, "2026-05-04", 20])
    _, rows = read(tmp_path, content, name="may.xlsx")
    assert rows == [(2, ["A1", "2026-05-03", "10.5"]), (3, ["17850", "2026-05-04", "20"])]


@pytest.mark.parametrize("corner", ["XFD1048576", "XFD9999999999"])
def test_workbook_with_a_cell_in_the_last_corner_is_refused_and_ends_nobody(tmp_path, corner):
    content = workbook(["No", "Date"]).replace(b"B1", corner.encode())
    assert "may.xlsx: The workbook" in refused(tmp_path, content, name="may.xlsx")


def test_workbook_that_understates_its_size_is_refused(tmp_path):
    rows = [["x" * 30_000]] * 1_000
    content = bytearray(workbook(*rows, compression=zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    assert content.count(size) >= 2
    content = content.replace(size, (1000).to_bytes(4, "little"))
    assert "may.xlsx: The workbook" in refused(tmp_path, bytes(content), name="may.xlsx")


def test_workbook_that_begins_below_and_beside_the_corner(tmp_path):
    content = workbook([], [None, "No"], [None, "A1"])
    path = tmp_path / "may.xlsx"
    path.write_bytes(content)
    assert WorkbookRows(path, "may.xlsx", Spec(columns=COLUMNS)).take(9) == (
        [["", ""], ["", "No"], ["", "A1"]],
        [],
    )


def test_damaged_workbook(tmp_path):
    assert "may.xlsx" in refused(tmp_path, workbook(["No"])[:300], name="may.xlsx")


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", "\ufeffsep=;", '"sep=;"'])
def test_excels_own_first_line_is_passed_over(tmp_path, first):
    _, rows = read(tmp_path, f"{first}\nNo;Date;Amount\n1;2026-05-03;10\n", delimiter=";")
    assert rows == [(3, ["1", "2026-05-03", "10"])]


def test_a_heading_is_found_however_its_letters_are_composed(tmp_path):
    columns = COLUMNS | {"amount": "Betrag f\u00fcr"}
    _, rows = read(tmp_path, "No,Date,Betrag\u00a0fu\u0308r\n1,2026-05-03,10\n", columns=columns)
    assert rows == [(2, ["1", "2026-05-03", "10"])]
