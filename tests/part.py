"""A part of the tests, for a second run of a suite that has run whole.

`PRM_TEST_PART=3:WORD` takes the files of one in three, drawn by the word: the same for the same word, others for another.
What rests on the database's server and the broker (`ALWAYS`, and tests marked `broker`) is in every part.
"""

import os
import zlib
from pathlib import Path

import pytest

VARIABLE = "PRM_TEST_PART"
ALWAYS = (
    "tests/core/",
    "tests/operations/",
    "tests/tenancy/",
    "tests/test_foreign_sql.py",
    "tests/test_migrations.py",
    "tests/test_raw_deletes.py",
    "tests/test_sql.py",
)


def is_drawn(path: str, said: str) -> bool:
    """Whether a test file (its path from the repository's root) is in the part that was asked for."""
    parts, _, word = said.partition(":")
    return path.startswith(ALWAYS) or zlib.crc32(f"{word} {path}".encode()) % int(parts) == 0


def keep_part(config: pytest.Config, items: list[pytest.Item], root: Path) -> None:
    """Take what was not drawn out of `items`; pytest says how many those are."""
    said = os.environ.get(VARIABLE)
    if not said:
        return
    kept, left = [], []
    for item in items:
        path = item.path.relative_to(root).as_posix()
        drawn = is_drawn(path, said) or item.get_closest_marker("broker") is not None
        (kept if drawn else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
