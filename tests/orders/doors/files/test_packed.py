"""Archives are unpacked within limits; a ZIP file of several gives them in order; what is damaged or locked is said."""

import gzip
import io
import zipfile

import pytest

from orders.doors.files import packed
from orders.doors.files.inputs import FileInput, inputs_of
from orders.doors.files.table import open_table
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec

SPEC = Spec(columns={"number": "No", "date": "Date", "amount": "Sum"})
TEXT = b"No,Date,Sum\n1,2026-05-03,5\n2,2026-05-04,6\n"
ODS = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet>
<table:table table:name="Orders"><table:table-row>{headings}</table:table-row><table:table-row>
<table:table-cell office:value-type="string"><text:p>007</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2026-05-03"><text:p>03.05.26</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="1234.5"><text:p>1.234,50</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.fixture
def rows(tmp_path):
    def read(content, name):
        path = tmp_path / name
        path.write_bytes(content)
        with open_table(path, SPEC, name=name) as table:
            return [row for chunk in table.chunks(10) for row in chunk.rows]

    return read


def test_gzip_and_zip_read_as_what_is_in_them(rows):
    wanted = [["1", "2026-05-03", "5"], ["2", "2026-05-04", "6"]]
    assert rows(gzip.compress(TEXT, mtime=0), "may.csv.gz") == wanted
    assert (
        rows(zipped(**{"may.csv": TEXT, "__MACOSX__._may.csv": b"x", ".DS_Store": b"x"}), "may.zip") == wanted
    )


def test_ods_keeps_types_as_a_workbook_does(rows):
    heading = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    content = ODS.format(headings="".join(heading.format(name) for name in ("No", "Date", "Sum"))).replace(
        ">\n<", "><"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry'
        ' manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    file = zipped(mimetype=mimetype, **{"META-INF__manifest.xml": manifest, "content.xml": content})
    [(number, date, amount)] = rows(file, "may.ods")
    assert (
        (number, amount) == ("007", "1234.5")
        and date.startswith("2026-05-03")
        and date.endswith("(date cell)")
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped(a=TEXT, b=TEXT), r"holds 2 files \(a, b\), and one is taken here"),
        (zipped(**{"__MACOSX__._a": TEXT}), "holds 0 files"),
        (gzip.compress(TEXT, mtime=0)[:-12], "damaged"),
        (gzip.compress(TEXT, mtime=0)[:12] + b"rubbish", "damaged"),
        (gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "a gzip file: unpack it first"),
    ],
)
def test_archives_that_cannot_be_taken_say_why(rows, content, why):
    with pytest.raises(BrokenFile, match=why):
        rows(content, "may.zip")


def several(**more):
    """A ZIP file as a Mac makes it, of files whose names hold no dates, in another order than they are taken in."""
    rubbish = ("__MACOSX/orders_2.csv", "day/._orders_2.csv", "day/.DS_Store", "readme.pdf")
    files = {"day/orders_10.csv": TEXT, "day/orders_2.csv.gz": gzip.compress(TEXT, mtime=0)} | more
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (files | dict.fromkeys(rubbish, b"x")).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_several_files_come_in_order_without_what_systems_leave_beside_them(tmp_path):
    path = tmp_path / "may.zip"
    path.write_bytes(several())
    files = inputs_of([path])
    assert [file.name for file in files] == ["may.zip/day/orders_2.csv.gz", "may.zip/day/orders_10.csv"]
    assert set(files[0].left_out) == {
        "__MACOSX/orders_2.csv",
        "day/._orders_2.csv",
        "day/.DS_Store",
        "readme.pdf",
    }
    for file in files:
        with file.open(SPEC) as table:
            assert [row[0] for chunk in table.chunks(10) for row in chunk.rows] == ["1", "2"]
        assert file.head().startswith((b"No,Date", packed.GZIP_MAGIC))
    assert (files[1].size, FileInput(path, "may").size) == (len(TEXT), path.stat().st_size)


def test_folder_says_what_it_leaves_out(tmp_path):
    (tmp_path / "a.csv").write_bytes(TEXT)
    (tmp_path / "b.zip").write_bytes(several())
    (tmp_path / ".a.csv.swp").write_bytes(b"x")
    (tmp_path / "letter.doc").write_bytes(b"x")
    files = inputs_of([tmp_path])
    assert files[0].name == "a.csv"
    assert [name for file in files for name in file.left_out][:2] == [".a.csv.swp", "letter.doc"]
    assert len(files) == 3


def test_archives_of_too_much_are_refused_in_words(tmp_path, monkeypatch):
    path = tmp_path / "may.zip"
    path.write_bytes(several(**{"inner.zip": zipped(a=TEXT, b=TEXT)}))
    assert inputs_of([path])[-1].member == "inner.zip"
    with pytest.raises(BrokenFile, match="is a ZIP file in the ZIP file"), inputs_of([path])[-1].open(SPEC):
        pass
    monkeypatch.setattr(packed, "MOST_MEMBERS", 1)
    with pytest.raises(BrokenFile, match="holds 3 files; at most 1"):
        inputs_of([path])
    monkeypatch.setattr(packed, "UNPACKED_LIMIT", 100)
    monkeypatch.setattr(packed, "MOST_MEMBERS", 9)
    with pytest.raises(BrokenFile, match="unpacked"):
        inputs_of([path])


def test_bomb_ends_at_the_limit(rows, monkeypatch):
    monkeypatch.setattr(packed, "UNPACKED_LIMIT", 1_000_000)
    with pytest.raises(BrokenFile, match="unpacked"):
        rows(gzip.compress(b"No,Date,Sum\n" + b"1,2026-05-03,5\n" * 100_000, mtime=0), "bomb.gz")
