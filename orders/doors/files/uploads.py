"""Files that people bring: kept in the storage until their import is over, then removed.

Nothing about a file is believed but its bytes: its name is only shown, its type is found out by
reading it.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from orders.doors.files.inputs import LONGEST_NAME, FileInput
from orders.doors.files.packed import contents_of
from orders.ingest.errors import BrokenFile
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.tenancy.work.states import Size

MOST_FILES: Final = 400
# Up to so many bytes (some 20,000 lines) an import takes seconds, and overtakes larger ones.
_SMALL: Final = 2 * 1024**2
_PACKED: Final = frozenset({".xlsx", ".xls", ".ods", ".zip", ".gz"})
_UNPACKED: Final = 6


class Part(NamedTuple):
    """One file of what was brought: `member` names it in a ZIP file, of which `bytes` are its packed ones.

    `left_out`: what lies beside it in the ZIP file and is not taken, said with the first of its files.
    """

    name: str
    bytes: int
    member: str = ""
    left_out: tuple[str, ...] = ()


class Kept(NamedTuple):
    """A file in the storage: the name that is shown, that under which it lies there, and which of a ZIP file it is."""

    name: str
    stored: str
    member: str = ""


def check(files: Sequence["File[bytes]"]) -> None:
    """Refuse no files, too many, and such that together exceed `UPLOAD_LIMIT` bytes."""
    if not files:
        raise Refused("Choose a file.", field="files", code="required")
    check_number(len(files))
    size = sum(file.size for file in files)
    if size > settings.UPLOAD_LIMIT:
        raise Refused(
            f"The files have {_megabytes(size)}; at most {_megabytes(settings.UPLOAD_LIMIT)} are taken at once."
            " Split them, or import them with the command import_orders.",
            field="files",
            code="too_large",
        )


def check_number(files: int) -> None:
    """Refuse more files than are taken at once."""
    if files > MOST_FILES:
        raise Refused(f"At most {MOST_FILES} files at once; these are {files}.", field="files")


def check_quota(*, files: int, size: int) -> None:
    """Refuse what with the files that wait already is more than `UPLOAD_QUOTA_FILES` or `UPLOAD_QUOTA` bytes."""
    if files > settings.UPLOAD_QUOTA_FILES:
        too_much = f"{figure(files)} files would wait; at most {figure(settings.UPLOAD_QUOTA_FILES)} may"
    elif size > settings.UPLOAD_QUOTA:
        too_much = f"{_megabytes(size)} would wait; at most {_megabytes(settings.UPLOAD_QUOTA)} may"
    else:
        return
    raise Refused(
        f"{too_much}. Import the files that wait for your look, or throw them away; after a day they go by themselves.",
        field="files",
        code="quota",
    )


def work_size(files: Iterable[Kept], size: int) -> Size:
    """Judge how long files of so many bytes take; what is packed is taken for several times as much."""
    is_packed = any(file.member or Path(file.name).suffix.lower() in _PACKED for file in files)
    return Size.LARGE if size * (_UNPACKED if is_packed else 1) > _SMALL else Size.SMALL


def kept_before(tenant: str, moment: datetime) -> list[str]:
    """Return the names of a tenant's files that have been in the storage since before a moment."""
    folder = f"imports/{tenant}"
    try:
        names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        return []
    return [name for name in names if default_storage.get_modified_time(name) < moment]


def _megabytes(size: int) -> str:
    return f"{figure(size / 1024**2, 1)} MB"


def shown_name(file: "File[bytes]") -> str:
    """Return the name of a file as people read it, without any folder."""
    return Path(file.name or "orders").name[:LONGEST_NAME]


def parts_of(file: "File[bytes]") -> list[Part]:
    """Return a file that was brought, or those in it where it is a ZIP file of several, in the order of their names.

    Raises `Refused` for one that holds more than is taken.
    """
    name, size = shown_name(file), file.size
    try:
        found = contents_of(file, name)
    except BrokenFile as broken:
        raise Refused(str(broken), field="files", code="archive") from broken
    finally:
        file.seek(0)
    if found is None or len(found.members) < 2:
        return [Part(name, size, left_out=tuple(found.left_out if found else ()))]
    parts = [Part(f"{name}/{one.name}"[:LONGEST_NAME], one.packed, one.name) for one in found.members]
    return [parts[0]._replace(left_out=tuple(found.left_out)), *parts[1:]]


def parts_of_kept(name: str, stored: str) -> list[Part]:
    """Return the parts of a file that lies in the storage, as `parts_of`."""
    with default_storage.open(stored) as file:
        file.name = name
        return parts_of(file)


def keep(file: "File[bytes]", name: str) -> str:
    """Put a file into the storage; return the name under which it lies there."""
    return str(default_storage.save(f"imports/{name}", file))


def discard(stored: str) -> None:
    """Remove a kept file."""
    default_storage.delete(stored)


def check_kept(files: Iterable[Kept]) -> None:
    """Raise `Refused` when one of the kept files is gone, with its name."""
    for file in files:
        if not file.stored or not default_storage.exists(file.stored):
            raise Refused(f"The file {file.name} is no longer here. Choose it again.", code="file_gone")


@contextmanager
def kept_inputs(files: Iterable[Kept]) -> Iterator[list[FileInput]]:
    """Give kept files on this machine's disk, copied when they lie elsewhere.

    Raises `Refused` when one is gone, and `BrokenFile` for an archive that holds too much.
    """
    files = list(files)
    check_kept(files)
    with tempfile.TemporaryDirectory(prefix="prm-import-") as folder:
        paths: dict[str, Path] = {}
        found = []
        for file in files:
            if file.stored not in paths:
                paths[file.stored] = _on_disk(file.stored, Path(folder) / str(len(paths)))
            found.append(_input_of(file, paths[file.stored]))
        yield found


def _input_of(file: Kept, path: Path) -> FileInput:
    if not file.member:
        return FileInput(path, file.name)
    with zipfile.ZipFile(path) as parts:
        return FileInput(path, file.name, file.member, parts.getinfo(file.member).file_size)


def _on_disk(stored: str, copy: Path) -> Path:
    try:
        return Path(default_storage.path(stored))
    except NotImplementedError:
        with default_storage.open(stored) as there, copy.open("wb") as here:
            shutil.copyfileobj(there, here)
        return copy
