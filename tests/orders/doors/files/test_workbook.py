"""Workbooks: the sheet people see, cells with their types, formats of zeros, formulas without values."""

import io
import zipfile

import pytest
import xlsxwriter

from orders.doors.files.table import open_table
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STATE = (' state="', '"')
COLUMNS = {"number": "No", "date": "Date", "amount": "Amount"}
HEADINGS = "".join(f'<c t="inlineStr"><is><t>{heading}</t></is></c>' for heading in COLUMNS.values())
# Styles: 0 nothing, 1 a day, 2 five zeros, 3 two decimals.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="00000"/>'
    '<numFmt numFmtId="165" formatCode="0.00"/></numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)


def text(value):
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def sheet(*rows):
    """XML of rows of cells, each cell XML without its place; the first row holds the headings."""
    lines = []
    for number, cells in enumerate([HEADINGS, *map("".join, rows)], start=1):
        placed = "".join(
            f'<c r="{letter}{number}"{cell}'
            for letter, cell in zip("ABC", cells.split("<c")[1:], strict=True)
        )
        lines.append(f'<row r="{number}">{placed}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def book(path, sheets, *, is_1904=False):
    """Write a workbook of (name, state, XML) sheets."""
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"{state and state.join(STATE)}/>'
        for n, (name, state, _) in enumerate(sheets, start=1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="{KIND}.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{REL}/worksheet" Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><workbookPr date1904="{int(is_1904)}"/>'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
        f'<Relationship Id="st" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    } | {f"xl/worksheets/s{n}.xml": xml for n, (_, _, xml) in enumerate(sheets, start=1)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    path.write_bytes(buffer.getvalue())
    return path


def rows_of(path, **spec):
    with open_table(path, Spec(columns=COLUMNS, **spec)) as table:
        return [row for chunk in table.chunks(10) for row in chunk.rows]


def one(path, *cells, **options):
    return rows_of(
        book(path, [("Orders", "", sheet(cells))], is_1904=options.pop("is_1904", False)), **options
    )[0]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "may.xlsx"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_sheet_people_see_is_read(path, state):
    hidden = sheet([text("old"), text("2026-01-01"), text("1")])
    seen = sheet([text("new"), text("2026-05-03"), text("2")])
    book(path, [("Data", state, hidden), ("Orders", "", seen)])
    assert rows_of(path) == [["new", "2026-05-03", "2"]]
    assert rows_of(path, sheet="data") == [["old", "2026-01-01", "1"]]
    with pytest.raises(BrokenFile, match=r"no sheet 'May', as the source says\. It has: Data, Orders"):
        rows_of(path, sheet="May")
    book(path, [("Data", state, hidden)])
    with pytest.raises(BrokenFile, match="all its sheets are hidden"):
        rows_of(path)


def test_a_date_cell_says_that_it_is_one_whatever_the_formats(path):
    # 46331 is 5 November 2026 in the system of 1900, 44869 in that of 1904.
    day = "2026-11-05 (date cell)"
    assert one(path, text("1"), '<c s="1"><v>46331</v></c>', text("5"))[1] == day
    assert one(path, text("1"), '<c s="1"><v>44869</v></c>', text("5"), is_1904=True)[1] == day
    assert (
        one(path, text("1"), '<c s="1"><v>46331.5</v></c>', text("5"))[1] == "2026-11-05 12:00:00 (date cell)"
    )


def test_a_number_has_no_marks_but_the_decimal_one_of_the_source(path):
    cells = [text("1"), text("2026-05-03"), '<c s="3"><v>1.234</v></c>']
    assert one(path, *cells)[2] == "1.234"
    assert one(path, *cells, decimal_mark=",")[2] == "1,234"


def test_leading_zeros_of_a_format_belong_to_the_number(path):
    assert one(path, '<c s="2"><v>123</v></c>', text("2026-05-03"), text("5"))[0] == "00123"


def test_a_formula_that_nothing_has_computed_is_named(path):
    with pytest.raises(BrokenFile, match=r"the formula in C2 of 'Orders' has no value saved with it"):
        one(path, text("1"), text("2026-05-03"), "<c><f>A1*2</f></c>")
    assert one(path, text("1"), text("2026-05-03"), "<c><f>A1*2</f><v>7</v></c>")[2] == "7"


def test_what_its_format_shows_as_per_cent_or_as_money_says_so(tmp_path):
    """A cell of 0.05 that people see as 5 % is five per cent; 10 that they see in euros is no dollar."""
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as wb:
        page = wb.add_worksheet()
        page.write_row(0, 0, ["No", "Date", "Amount"])
        formats = [
            "0%",
            "0.0 %",
            "[$\u20ac-407] #,##0.00",
            '_-* #,##0.00 "\u20ac"_-',
            "[$CHF-807] 0.00",
            "$#,##0",
            '0 "PCS"',
            '0 "100%"',
        ]
        for line, form in enumerate(formats, start=1):
            page.write(line, 0, 0.125 if "%" in form else 10, wb.add_format({"num_format": form}))
    shown = ["12.500%", "12.500%", "10 \u20ac", "10 \u20ac", "10 CHF", "10", "10", "0.125"]
    assert [row[0] for row in rows_of(path)] == shown
    assert next(row[0] for row in rows_of(path, decimal_mark=",")) == "12,500%"


def test_an_ods_says_the_same(tmp_path):
    names = 'xmlns:{0}="urn:oasis:names:tc:opendocument:xmlns:{0}:1.0"'
    spaces = " ".join(names.format(name) for name in ("office", "table", "text"))
    cell = (
        '<table:table-cell office:value-type="{}" office:value="{}"{}><text:p>{}</text:p></table:table-cell>'
    )
    head = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{h}</text:p></table:table-cell>'
        for h in COLUMNS
    )
    rows = (
        cell.format("percentage", "0.05", "", "5%"),
        cell.format("currency", "10", ' office:currency="EUR"', "10 \u20ac"),
        cell.format("float", "17", "", "0017"),
        cell.format("float", "17", "", "17"),
    )
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    hidden = f'<table:table table:name="Other"><table:table-row>{rows[0] * 3}</table:table-row></table:table>'
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Orders"><table:table-row>{head}</table:table-row>{body}</table:table>{hidden}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "f.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", '<?xml version="1.0" encoding="UTF-8"?>' + content)
    with open_table(path, Spec(columns={"number": "number", "date": "date", "amount": "amount"})) as table:
        found = [row[0] for chunk in table.chunks(10) for row in chunk.rows]
    assert found == ["5.00%", "10 EUR", "0017", "17"]
