"""Rows of one sheet of a workbook (XLSX, ODS), as the text that a CSV export of the source would hold."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Final

from orders.doors.files.packed import is_workbook
from orders.ingest.cells import Torn
from orders.ingest.errors import BrokenFile
from orders.ingest.reading.numbers import OWN_SIGNS
from orders.sources.spec import Spec
from prm.core.money import ISO_4217

XLSX_MAGIC = b"PK\x03\x04"
# Bytes unpacked. A sheet is held in memory by the reader, unlike CSV; larger ones go as CSV.
UNPACKED_LIMIT = 200 * 1024 * 1024
SECONDS: Final = 60
UNPACK: Final = Path(__file__).with_name("unpack.py")


class WorkbookRows:
    """The rows of the sheet that people see, or of the one the source names.

    Formulas count as the values Excel saved with them. Numbers have the source's decimal mark.
    """

    def __init__(self, path: Path, name: str, spec: Spec) -> None:
        self.line_num = 0
        self._name = name
        _check_archive(path, name)
        self._rows = _unpacked(path, name, spec)

    def take(self, count: int) -> tuple[list[list[str]], list[Torn]]:
        """Return the next rows as text."""
        rows: list[list[str]] = [json.loads(line) for line in islice(self._rows, count)]
        self.line_num += len(rows)
        return rows, []

    def check_end(self, last: Sequence[str], width: int) -> None:
        """Do nothing: a workbook that could be opened is whole."""


def _check_archive(path: Path, name: str) -> None:
    """Refuse what is no workbook, and one that says itself that it is too large."""
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise BrokenFile(name, "The file is damaged: it begins like a workbook and is none.") from error
    if not is_workbook(path):
        raise BrokenFile(name, "This is no workbook that can be read.")
    if unpacked > UNPACKED_LIMIT:
        raise BrokenFile(name, "The workbook is larger than 200 MB unpacked: save the sheet as CSV.")


def _unpacked(path: Path, name: str, spec: Spec) -> IO[bytes]:
    """Return the rows, one JSON list a line, in a file that goes with its last reader (see `unpack.py`)."""
    rows = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the rows are read)
    signs = " ".join([*sorted(ISO_4217), *OWN_SIGNS])
    command = [sys.executable, "-I", str(UNPACK), str(path.absolute()), spec.sheet, spec.decimal_mark, signs]
    too_much = BrokenFile(
        name, "The workbook needs more memory or time than one is given: save the sheet as CSV."
    )
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 # no shell; the command is our own
            command, stdout=rows, stderr=subprocess.PIPE, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_much from None
    if done.returncode == 1 and b"MemoryError" not in done.stderr:
        said = done.stderr.decode(errors="replace").strip() or "its first sheet is missing"
        raise BrokenFile(name, f"The workbook cannot be read: {said.removesuffix('.')}.")
    if done.returncode:
        raise too_much
    rows.seek(0)
    return rows
