"""Files in gzip and ZIP: unpacked beside the original, within limits; what holds several files is refused in words."""

import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from orders.ingest.errors import BrokenFile

GZIP_MAGIC: Final = b"\x1f\x8b"
ZIP_MAGIC: Final = b"PK\x03\x04"
# Bytes unpacked, whatever the archive says of itself.
UNPACKED_LIMIT: Final = 1024**3
_BLOCK: Final = 1 << 20
# Bytes of the beginning of a content, and parts of a workbook, that are looked at before it is opened.
HEAD: Final = 1 << 16
_MOST_PARTS: Final = 4
# What operating systems put into archives beside files.
_NOT_ORDERS: Final = ("__MACOSX/", ".", "~$")
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[Path]:
    """Give the path of a file's content: itself, or a copy unpacked that goes afterwards. Raises `BrokenFile`."""
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
                _copy_member(path, copy, name)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
            raise BrokenFile(
                name, "The archive is damaged and cannot be unpacked. Send it again as a whole."
            ) from error
        except RuntimeError as error:
            raise BrokenFile(name, "The archive is locked with a password: unpack it first.") from error
        copy.flush()
        yield Path(copy.name)


def is_workbook(path: Path) -> bool:
    """Return whether a ZIP file is a workbook: XLSX, or ODS."""
    try:
        with zipfile.ZipFile(path) as parts:
            names = parts.namelist()
            is_ods = (
                "mimetype" in names
                and parts.getinfo("mimetype").file_size < 100
                and parts.read("mimetype").strip() == _ODS
            )
            return is_ods or any(part.startswith("xl/") for part in names)
    except (zipfile.BadZipFile, RuntimeError, zlib.error, NotImplementedError):
        return False


def _copy_member(path: Path, copy: IO[bytes], name: str) -> None:
    with zipfile.ZipFile(path) as parts:
        inside = [
            part
            for part in parts.infolist()
            if not part.is_dir()
            and not part.filename.startswith(_NOT_ORDERS)
            and not part.filename.rpartition("/")[2].startswith(_NOT_ORDERS)
        ]
        if len(inside) != 1:
            listed = ", ".join(part.filename for part in inside[:5]) or "none"
            raise BrokenFile(
                name,
                f"The ZIP file holds {len(inside)} files ({listed}), and one is taken. Unpack it and send the files as one"
                " import.",
            )
        with parts.open(inside[0]) as packed:
            _copy(packed, copy, name)


def _copy(packed: IO[bytes] | gzip.GzipFile, copy: IO[bytes], name: str) -> None:
    left = UNPACKED_LIMIT
    while block := packed.read(min(_BLOCK, left + 1)):
        left -= len(block)
        if left < 0:
            raise BrokenFile(
                name, f"The file is larger than {UNPACKED_LIMIT // 1024**2:,} MB unpacked. Split it."
            )
        copy.write(block)


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file's content, of a workbook those of its parts that hold texts; b"" where it is damaged."""
    with path.open("rb") as raw:
        head = raw.read(HEAD)
    try:
        if head.startswith(GZIP_MAGIC):
            with gzip.open(path) as packed:
                return packed.read(HEAD)
        if not head.startswith(ZIP_MAGIC) or not zipfile.is_zipfile(path):
            return head
        with zipfile.ZipFile(path) as parts:
            wanted = [name for name in parts.namelist() if _holds_texts(name) or not is_workbook(path)]
            return b"".join(_beginning(parts, name) for name in wanted[:_MOST_PARTS])
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile, NotImplementedError):
        return b""


def _holds_texts(name: str) -> bool:
    return name in ("xl/sharedStrings.xml", "content.xml") or name.startswith("xl/worksheets/sheet")


def _beginning(parts: zipfile.ZipFile, name: str) -> bytes:
    with parts.open(name) as part:
        return part.read(HEAD)
