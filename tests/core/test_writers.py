"""Every way out into a spreadsheet disarms what a spreadsheet would run, in headings as in cells."""

import ast
import csv
import io
import re
from zipfile import ZipFile

import pytest

from prm.core.csv import csv_text
from prm.ui.export import csv_file, workbook
from prm.ui.export.cells import Sheet
from tests.test_architecture import name_of, sources, tree_of

HOSTILE = [
    f"{sign}{rest}" for sign in "=+-@＝＋－＠\t\r\n" for rest in ("cmd|' /C calc'!A0", "SUM(1;1)", 'HYPERLINK("http://x")')
]  # fmt: skip

# Everything that writes files for spreadsheets. Two write what is read here again and never handed out: orders/demo.py
# the file that the demo imports, forms.py the rows that somebody pasted.
READ_HERE = {"orders/demo.py", "orders/doors/files/forms.py"}
WRITERS = {"prm/core/csv.py", "prm/ui/export/csv_file.py", "prm/ui/export/workbook.py", *READ_HERE}


def writes(file):
    """Whether a module makes a writer of CSV or a workbook."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Attribute) and node.attr in {"writer", "DictWriter", "Workbook"}:
            return True
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
            if names & {"writer", "DictWriter", "Workbook", "openpyxl", "pandas", "odf"}:
                return True
    return False


def test_no_other_module_writes_for_spreadsheets():
    found = {
        name_of(file) for file in sources() if writes(file) and not name_of(file).startswith("prm/sandbox/")
    }
    assert found == WRITERS


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_runs_nothing(text):
    rejects = csv_text([text], [[text]])
    exported = "".join(csv_file.lines(Sheet("list", (text,), [[text]]))).removeprefix(csv_file.MARK)
    for written in (rejects, exported):
        assert list(csv.reader(io.StringIO(written, newline=""))) == [[f"'{text}"]] * 2


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_holds_it_as_text(text):
    file = workbook.written(Sheet("list", (text,), [[text]]))
    with ZipFile(file) as parts:
        pages = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)
    assert "<f>" not in pages
    assert "hyperlink" not in pages
    assert len(re.findall(r't="(?:s|inlineStr)"', pages)) == 2
