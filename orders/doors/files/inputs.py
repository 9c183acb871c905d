"""A file on this machine's disk as an input, and the order files that a path means."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from orders.doors.files.order import in_order
from orders.doors.files.packed import SUFFIXES, contents_of, head_of, is_beside
from orders.doors.files.table import FileTable, open_table
from orders.sources.spec import Spec
from prm.core.errors import Refused

#: Characters of a name that is shown.
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file, and the name people know it by.

    `member` names it in the ZIP file at `path`, where it has `unpacked` bytes. `left_out`: what lay beside it and is not taken,
    said with the first of the files that are.
    """

    path: Path
    name: str
    member: str = ""
    unpacked: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Return its bytes."""
        return self.unpacked if self.member else self.path.stat().st_size

    def head(self) -> bytes:
        """Return the first bytes of its content, unpacked."""
        return head_of(self.path, self.member)

    def open(self, spec: Spec) -> AbstractContextManager[FileTable]:
        """Open it with its columns found. Raises `BrokenFile`."""
        return open_table(self.path, spec, name=self.name, member=self.member)


def inputs_of(paths: Iterable[Path], *, as_given: bool = False) -> list[FileInput]:
    """Return the files that paths mean, of folders and ZIP files all order files, in the order in which they are taken.

    That is the order of `in_order`, unless the paths are to stay `as_given`.

    Raises `Refused` for a path that is not there and for a folder without order files, `BrokenFile` for an archive that
    holds too much, and `OSError` for a file that may not be read.
    """
    files = [given for path in paths for given in _files_of(path)]
    return files if as_given else [files[place] for place in in_order([given.name for given in files])]


def _files_of(path: Path) -> list[FileInput]:
    if path.is_dir():
        return _files_in(path)
    if not path.is_file():
        raise Refused(f"There is no file {path}.", code="no_file")
    path.open("rb").close()
    return _parts_of(path)


def _files_in(folder: Path) -> list[FileInput]:
    found: list[Path] = []
    left_out: list[Path] = []
    for path in folder.iterdir():
        is_taken = path.suffix.lower() in SUFFIXES and not is_beside(path.name) and path.is_file()
        (found if is_taken else left_out).append(path)
    if not found:
        raise Refused(
            f"There are no order files ({', '.join(sorted(SUFFIXES))}) in {folder}.", code="no_files"
        )
    inside = [found[place] for place in in_order([path.name for path in found])]
    first, *others = [given for path in inside for given in _parts_of(path)]
    return [replace(first, left_out=(*sorted(path.name for path in left_out), *first.left_out)), *others]


def _parts_of(path: Path) -> list[FileInput]:
    """Return a file, or those in it where it is a ZIP file of several."""
    found = contents_of(path, path.name)
    if found is None or len(found.members) < 2:
        return [FileInput(path, path.name, left_out=tuple(found.left_out if found else ()))]
    parts = [
        FileInput(path, f"{path.name}/{one.name}"[:LONGEST_NAME], one.name, one.size) for one in found.members
    ]
    return [replace(parts[0], left_out=tuple(found.left_out)), *parts[1:]]
