"""Files that people bring: kept in the storage until their import is over, then removed.

Nothing about a file is believed but its bytes: its name is only shown, its type is found out by
reading it.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from orders.doors.files.inputs import FileInput
from prm.core.errors import Refused
from prm.tenancy.work.states import Size

MOST_FILES: Final = 400
# Up to so many bytes (some 20,000 lines) an import takes seconds, and overtakes larger ones.
_SMALL: Final = 2 * 1024**2
_PACKED: Final = frozenset({".xlsx", ".xls", ".ods", ".zip", ".gz"})
_UNPACKED: Final = 6


def check(files: Sequence["File[bytes]"]) -> None:
    """Refuse no files, too many, and such that together exceed `UPLOAD_LIMIT` bytes."""
    if not files:
        raise Refused("Choose a file.", field="files", code="required")
    if len(files) > MOST_FILES:
        raise Refused(f"At most {MOST_FILES} files at once; these are {len(files)}.", field="files")
    size = sum(file.size for file in files)
    if size > settings.UPLOAD_LIMIT:
        raise Refused(
            f"The files have {_megabytes(size)}; at most {_megabytes(settings.UPLOAD_LIMIT)} are taken at once."
            " Split them, or import them with the command import_orders.",
            field="files",
            code="too_large",
        )


def check_quota(*, files: int, size: int) -> None:
    """Refuse what with the files that wait already is more than `UPLOAD_QUOTA_FILES` or `UPLOAD_QUOTA` bytes."""
    if files > settings.UPLOAD_QUOTA_FILES:
        too_much = f"{files:,} files would wait; at most {settings.UPLOAD_QUOTA_FILES:,} may"
    elif size > settings.UPLOAD_QUOTA:
        too_much = f"{_megabytes(size)} would wait; at most {_megabytes(settings.UPLOAD_QUOTA)} may"
    else:
        return
    raise Refused(
        f"{too_much}. Import the files that wait for your look, or throw them away; after a day they go by themselves.",
        field="files",
        code="quota",
    )


def work_size(files: Iterable[tuple[str, str]], size: int) -> Size:
    """Judge how long files of so many bytes take; what is packed is taken for several times as much."""
    is_packed = any(Path(name).suffix.lower() in _PACKED for name, _ in files)
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
    return f"{size / 1024**2:,.1f} MB"


def shown_name(file: "File[bytes]") -> str:
    """Return the name of a file as people read it, without any folder."""
    return Path(file.name or "orders").name[:200]


def keep(file: "File[bytes]", name: str) -> str:
    """Put a file into the storage; return the name under which it lies there."""
    return str(default_storage.save(f"imports/{name}", file))


def discard(stored: str) -> None:
    """Remove a kept file."""
    default_storage.delete(stored)


def check_kept(files: Iterable[tuple[str, str]]) -> None:
    """Raise `Refused` when one of the kept files is gone, with its name."""
    for name, stored in files:
        if not stored or not default_storage.exists(stored):
            raise Refused(f"The file {name} is no longer here. Choose it again.", code="file_gone")


@contextmanager
def kept_inputs(files: Iterable[tuple[str, str]]) -> Iterator[list[FileInput]]:
    """Give kept files, as (name shown, stored as), on this machine's disk, copied when they lie elsewhere.

    Raises `Refused` when one is gone.
    """
    files = list(files)
    check_kept(files)
    with tempfile.TemporaryDirectory(prefix="prm-import-") as folder:
        found = []
        for place, (name, stored) in enumerate(files):
            found.append(FileInput(_on_disk(stored, Path(folder) / str(place)), name))
        yield found


def _on_disk(stored: str, copy: Path) -> Path:
    try:
        return Path(default_storage.path(stored))
    except NotImplementedError:
        with default_storage.open(stored) as there, copy.open("wb") as here:
            shutil.copyfileobj(there, here)
        return copy
