"""Brings the database's tables and the static files up to date, when something changed.

``python -m prm.local.prepare`` is the last step of ``make setup``. Whether the tables are current
is asked of the database itself; no Django is started when nothing is to be done.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from prm.local.bootstrap import read
from prm.local.layout import LocalServiceError, checkout, home_from_environment
from prm.local.postgres import LocalDatabase, ensure_running


def main() -> int:
    """Returns the exit code; errors are one message on standard error."""
    try:
        prepare(home_from_environment())
    except LocalServiceError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    print("Everything is installed and prepared. `make demo` starts it.")
    return 0


def prepare(home: Path) -> None:
    """Migrates and collects static files. Raises CalledProcessError when Django says no."""
    stamps = home / ".local" / "stamps"
    stamps.mkdir(parents=True, exist_ok=True)
    migrations = _migrations()
    wanted = _digest([*migrations, checkout() / "requirements.txt"])
    stamp = stamps / "tables"
    # The embedded server is asked for first: it then stays up for all that follows.
    embedded = None if os.environ.get("DATABASE_URL") else ensure_running(home)
    if embedded is None or read(stamp) != wanted or not _applied(embedded, migrations):
        print("Preparing the database", flush=True)
        _manage("migrate", "--verbosity", "0")
        stamp.write_text(wanted)
    wanted = _digest_of_static_files()
    stamp = stamps / "static"
    collected = Path(os.environ.get("STATIC_ROOT") or home / ".local" / "static")
    if read(stamp) != wanted or not collected.is_dir():
        print("Collecting static files", flush=True)
        _manage("collectstatic", "--noinput", "--verbosity", "0")
        stamp.write_text(wanted)


def _manage(*arguments: str) -> None:
    subprocess.run([sys.executable, str(checkout() / "manage.py"), *arguments], cwd=checkout(), check=True)


def _apps() -> list[Path]:
    """The directories of our own Django apps."""
    root = checkout()
    return sorted(
        path
        for pattern in ("*/apps.py", "prm/*/apps.py")
        for path in (found.parent for found in root.glob(pattern))
        if ".venv" not in path.parts and "node_modules" not in path.parts
    )


def _migrations() -> list[Path]:
    return sorted(path for app in _apps() for path in (app / "migrations").glob("[0-9]*.py"))


def _applied(database: LocalDatabase, migrations: list[Path]) -> bool:
    """Whether the embedded database has all of them (it may be new, or from another branch)."""
    with psycopg.connect(database.app_url) as connection:
        try:
            rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            return False
    return {(path.parents[1].name, path.stem) for path in migrations} <= set(rows)


def _digest(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file}\0".encode() + file.read_bytes())
    return total.hexdigest()


def _digest_of_static_files() -> str:
    """Our own files by name, size and time; packages by what pins them."""
    root = checkout()
    total = hashlib.sha256()
    for name in ("requirements.txt", "package-lock.json", "prm/settings.py"):
        total.update((root / name).read_bytes())
    for folder in (root / "prm" / "static", *(app / "static" for app in _apps())):
        for file in sorted(folder.rglob("*")):
            found = file.stat()
            total.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return total.hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
