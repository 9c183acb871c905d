"""Files in gzip and ZIP: unpacked beside the original, within limits.

A ZIP file may hold several files: `contents_of` says which, in the order in which they are taken, and what is left out.
"""

import gzip
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from orders.doors.files.order import in_order
from orders.ingest.errors import BrokenFile
from prm.core.notation.reader import figure

SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".ods", ".zip", ".gz"})
GZIP_MAGIC: Final = b"\x1f\x8b"
ZIP_MAGIC: Final = b"PK\x03\x04"
# Bytes unpacked, of a whole archive, whatever it says of itself.
UNPACKED_LIMIT: Final = 1024**3
#: Files in one ZIP file.
MOST_MEMBERS: Final = 400
_BLOCK: Final = 1 << 20
# Bytes of the beginning of a content, and parts of a workbook, that are looked at before it is opened.
HEAD: Final = 1 << 16
_MOST_PARTS: Final = 4
# Hidden files and folders, macOS's "._x" and "__MACOSX", Office's locks "~$x".
_BESIDE: Final = (".", "~$", "__MACOSX")
_BESIDE_TOO: Final = frozenset({"thumbs.db", "desktop.ini"})
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_DAMAGED: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)


class Member(NamedTuple):
    """A file in a ZIP file, with its bytes as they are and as they are packed."""

    name: str
    size: int
    packed: int


class Contents(NamedTuple):
    """The files of a ZIP file in the order in which they are taken, and the names of those that are left out."""

    members: list[Member]
    left_out: list[str]


def is_beside(name: str) -> bool:
    """Return whether a path is what systems and office programs leave beside files, or lies in such a folder."""
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith(_BESIDE) or part.lower() in _BESIDE_TOO for part in parts)


def contents_of(file: Path | IO[bytes], name: str) -> Contents | None:
    """Return what a ZIP file holds; None for any other file, a workbook and a damaged one included.

    Hidden files are left out; so is, among several, what has the name of no table. Raises `BrokenFile` for more files or
    bytes than are taken.
    """
    try:
        if not zipfile.is_zipfile(file) or is_workbook(file):
            return None
        with zipfile.ZipFile(file) as parts:
            inside = [part for part in parts.infolist() if not part.is_dir()]
    except zipfile.BadZipFile:
        return None
    seen = [part for part in inside if not is_beside(part.filename)]
    tables = [part for part in seen if _is_table(part.filename)] if len(seen) > 1 else seen
    _check_size(tables, name)
    left_out = [part.filename for part in inside if part not in tables]
    places = in_order([part.filename for part in tables])
    return Contents(
        [Member(tables[n].filename, tables[n].file_size, tables[n].compress_size) for n in places], left_out
    )


def _is_table(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES | {""}


def _check_size(tables: list[zipfile.ZipInfo], name: str) -> None:
    if len(tables) > MOST_MEMBERS:
        raise BrokenFile(
            name, f"The ZIP file holds {figure(len(tables))} files; at most {MOST_MEMBERS} are taken at once."
        )
    if sum(part.file_size for part in tables) > UNPACKED_LIMIT:
        raise _too_large(name)
    twice = next((one for one, times in Counter(part.filename for part in tables).items() if times > 1), None)
    if twice is not None:
        raise BrokenFile(name, f"The ZIP file holds two files that are called {twice}. Pack it anew.")


def _too_large(name: str) -> BrokenFile:
    return BrokenFile(
        name, f"The file is larger than {figure(UNPACKED_LIMIT // 1024**2)} MB unpacked. Split it."
    )


@contextmanager
def unpacked(path: Path, name: str, member: str = "") -> Iterator[Path]:
    """Give the path of a file's content: itself, or a copy unpacked that goes afterwards. Raises `BrokenFile`.

    `member` names a file in a ZIP file; without it that must hold a single one.
    """
    with path.open("rb") as raw:
        head = raw.read(len(ZIP_MAGIC))
    is_gzip = head.startswith(GZIP_MAGIC)
    if not is_gzip and not (head == ZIP_MAGIC and zipfile.is_zipfile(path) and not is_workbook(path)):
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="prm-unpacked-") as copy:
        try:
            if is_gzip:
                with gzip.open(path) as packed:
                    _copy(packed, copy, name)
            else:
                _copy_member(path, copy, name, member)
        except _DAMAGED as error:
            raise BrokenFile(
                name, "The archive is damaged and cannot be unpacked. Send it again as a whole."
            ) from error
        except RuntimeError as error:
            raise BrokenFile(name, "The archive is locked with a password: unpack it first.") from error
        copy.flush()
        yield Path(copy.name)


def is_workbook(file: Path | IO[bytes]) -> bool:
    """Return whether a ZIP file is a workbook: XLSX, or ODS."""
    try:
        with zipfile.ZipFile(file) as parts:
            names = parts.namelist()
            is_ods = (
                "mimetype" in names
                and parts.getinfo("mimetype").file_size < 100
                and parts.read("mimetype").strip() == _ODS
            )
            return is_ods or any(part.startswith("xl/") for part in names)
    except (zipfile.BadZipFile, RuntimeError, zlib.error, NotImplementedError):
        return False


def _copy_member(path: Path, copy: IO[bytes], name: str, member: str) -> None:
    """Copy one file of a ZIP file, which may be in gzip once more."""
    if not member:
        found = contents_of(path, name) or Contents([], [])
        if len(found.members) != 1:
            listed = ", ".join(one.name for one in found.members[:5]) or "none"
            raise BrokenFile(
                name,
                f"The ZIP file holds {len(found.members)} files ({listed}), and one is taken here. Unpack it.",
            )
        member = found.members[0].name
    with zipfile.ZipFile(path) as parts, parts.open(member) as packed:
        head = packed.read(len(ZIP_MAGIC))
        packed.seek(0)
        if head.startswith(GZIP_MAGIC):
            with gzip.open(packed) as inner:
                _copy(inner, copy, name)
            return
        _copy(packed, copy, name)
    copy.flush()
    if head == ZIP_MAGIC and not is_workbook(Path(copy.name)):
        raise BrokenFile(name, f"{member} is a ZIP file in the ZIP file: unpack it first.")


def _copy(packed: IO[bytes] | gzip.GzipFile, copy: IO[bytes], name: str) -> None:
    left = UNPACKED_LIMIT
    while block := packed.read(min(_BLOCK, left + 1)):
        left -= len(block)
        if left < 0:
            raise _too_large(name)
        copy.write(block)


def head_of(path: Path, member: str = "") -> bytes:
    """Return the first bytes of a file's content, of a workbook those of its parts that hold texts; b"" where it is damaged.

    `member` names a file in a ZIP file.
    """
    with path.open("rb") as raw:
        head = raw.read(HEAD)
    try:
        if head.startswith(GZIP_MAGIC):
            with gzip.open(path) as packed:
                return packed.read(HEAD)
        if not head.startswith(ZIP_MAGIC) or not zipfile.is_zipfile(path):
            return head
        with zipfile.ZipFile(path) as parts:
            if member:
                return _beginning(parts, member)
            wanted = [name for name in parts.namelist() if _holds_texts(name) or not is_workbook(path)]
            return b"".join(_beginning(parts, name) for name in wanted[:_MOST_PARTS])
    except (*_DAMAGED, RuntimeError, KeyError):
        return b""


def _holds_texts(name: str) -> bool:
    return name in ("xl/sharedStrings.xml", "content.xml") or name.startswith("xl/worksheets/sheet")


def _beginning(parts: zipfile.ZipFile, name: str) -> bytes:
    with parts.open(name) as part:
        return part.read(HEAD)
