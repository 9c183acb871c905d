"""Brings the database's tables and the static files up to date, when something changed.

``python -m prm.local.prepare`` is the last step of ``make setup``. Whether the tables are current
is asked of the database itself; no Django is started when nothing is to be done. ``manage.py`` calls
``before_command``, so that its commands find their tables also where nobody set anything up.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from prm import env
from prm.local.bootstrap import read
from prm.local.layout import LocalServiceError, checkout, home_from_environment
from prm.local.postgres import LocalDatabase, ensure_running

# Commands of manage.py that make the tables, look at how they are made, or need none.
WITHOUT_TABLES: Final = frozenset(
    [
        "check",
        "collectstatic",
        "create_max_migration_files",
        "diffsettings",
        "findstatic",
        "help",
        "makemigrations",
        "migrate",
        "optimizemigration",
        "pgtrigger",
        "rebase_migration",
        "showmigrations",
        "spectacular",
        "sqlmigrate",
        "squashmigrations",
        "test",
        "testserver",
        "version",
    ]
)


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


def before_command(arguments: list[str]) -> None:
    """Makes the embedded database's tables before ``manage.py ARGUMENTS`` runs, if it needs them.

    Asks in milliseconds when they are there. Raises LocalServiceError when they cannot be made.
    """
    wanted = arguments[0] if arguments else "help"
    asks_for_help = wanted.startswith("-") or {"-h", "--help", "--version"} & set(arguments)
    if asks_for_help or wanted in WITHOUT_TABLES or env.text("DATABASE_URL"):
        return
    home = home_from_environment()
    try:
        with _alone(home) as stamps:
            _prepare_tables(home, stamps)
    except subprocess.CalledProcessError as error:
        raise LocalServiceError("The tables could not be made; see above.") from error


def prepare(home: Path) -> None:
    """Migrates and collects static files. Raises CalledProcessError when Django says no."""
    with _alone(home) as stamps:
        _prepare_tables(home, stamps)
        _prepare_static_files(home, stamps)


@contextmanager
def _alone(home: Path) -> Iterator[Path]:
    """The folder of the stamps, while nobody else prepares the same data."""
    stamps = home / ".local" / "stamps"
    stamps.mkdir(parents=True, exist_ok=True)
    with (stamps / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield stamps


def _prepare_tables(home: Path, stamps: Path) -> None:
    migrations = _migrations()
    wanted = _digest([*migrations, checkout() / "requirements.txt"])
    stamp = stamps / "tables"
    # The embedded server is asked for first: it then stays up for all that follows.
    embedded = None if env.text("DATABASE_URL") else ensure_running(home)
    if embedded is None or read(stamp) != wanted or not _applied(embedded, migrations):
        # Standard output is the command's own: it may be one JSON object.
        print("Preparing the database", file=sys.stderr, flush=True)
        _manage("migrate", "--verbosity", "0")
        stamp.write_text(wanted)


def _prepare_static_files(home: Path, stamps: Path) -> None:
    wanted = _digest_of_static_files()
    stamp = stamps / "static"
    collected = Path(os.environ.get("STATIC_ROOT") or home / ".local" / "static")
    if read(stamp) != wanted or not collected.is_dir():
        print("Collecting static files", file=sys.stderr, flush=True)
        _manage("collectstatic", "--noinput", "--verbosity", "0")
        stamp.write_text(wanted)


def _manage(*arguments: str) -> None:
    command = [sys.executable, str(checkout() / "manage.py"), *arguments]
    subprocess.run(command, cwd=checkout(), stdout=sys.stderr, check=True)


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
