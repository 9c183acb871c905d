"""The hashes of the migrations that have landed: `python tests/frozen_migrations.py` adds new ones.

A landed migration is never edited, because databases exist that ran it as it was. `--again` writes all
hashes anew; it is for the time before the first release only.
"""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "tests" / "migrations.sha256"
APPS = ("prm", "partners", "orders", "activities")


def hashes() -> dict[str, str]:
    """Return path and SHA-256 of every migration in the tree."""
    files = [f for app in APPS for f in (ROOT / app).rglob("migrations/[0-9]*.py")]
    return {f.relative_to(ROOT).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files)}


def frozen() -> dict[str, str]:
    """Return path and hash of every landed migration, as `sha256sum` writes them."""
    lines = LIST.read_text().splitlines() if LIST.exists() else []
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}


def edited() -> list[str]:
    """Return the landed migrations that were changed or removed since."""
    now = hashes()
    return [path for path, digest in frozen().items() if now.get(path) != digest]


def freeze(*, again: bool) -> int:
    """Add the hashes of new migrations; returns the exit code."""
    if edited() and not again:
        print(f"Edited since they landed: {', '.join(edited())}. Put them back and add a new migration.")
        return 1
    LIST.write_text("".join(f"{digest}  {path}\n" for path, digest in hashes().items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(freeze(again="--again" in sys.argv[1:]))
