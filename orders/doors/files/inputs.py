"""A file on this machine's disk as an input, and the order files that a path means."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orders.doors.files.order import in_order
from orders.doors.files.packed import head_of
from orders.doors.files.table import FileTable, open_table
from orders.sources.spec import Spec
from prm.core.errors import Refused

SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".ods", ".zip", ".gz"})
# What operating systems and office programs leave beside files: hidden files, macOS's "._x", Office's locks "~$x".
_NOT_ORDERS: Final = (".", "~$", ".~lock.", "__MACOSX")


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file, and the name people know it by."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        """Return its bytes."""
        return self.path.stat().st_size

    def head(self) -> bytes:
        """Return the first bytes of its content, unpacked."""
        return head_of(self.path)

    def open(self, spec: Spec) -> AbstractContextManager[FileTable]:
        """Open it with its columns found. Raises `BrokenFile`."""
        return open_table(self.path, spec, name=self.name)


def inputs_of(paths: Iterable[Path], *, as_given: bool = False) -> list[FileInput]:
    """Return the files that paths mean, of a folder all order files, in the order in which they are taken.

    That is the order of `in_order`, unless the paths are to stay `as_given`.

    Raises `Refused` for a path that is not there and for a folder without order files, and `OSError`
    for a file that may not be read.
    """
    files = [FileInput(file, file.name) for path in paths for file in _files_of(path)]
    return files if as_given else [files[place] for place in in_order([file.name for file in files])]


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        found = [
            p for p in path.iterdir()
            if p.suffix.lower() in SUFFIXES and not p.name.startswith(_NOT_ORDERS) and p.is_file()
        ]  # fmt: skip
        inside = [found[place] for place in in_order([p.name for p in found])]
        if not inside:
            raise Refused(
                f"There are no order files ({', '.join(sorted(SUFFIXES))}) in {path}.", code="no_files"
            )
        return inside
    if not path.is_file():
        raise Refused(f"There is no file {path}.", code="no_file")
    path.open("rb").close()
    return [path]
