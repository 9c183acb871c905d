"""Bring the database's tables and the static files up to date, when something changed.

`python -m prm.local.prepare` is the last step of `make setup`. Whether the tables are current
is asked of the database itself; no Django is started when nothing is to be done. `manage.py` calls
`before_command`, so that its commands find servers and tables also where nobody set anything up.
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

from prm.local import environment, postgres
from prm.local.bootstrap import Progress, read
from prm.local.layout import LocalServiceError, checkout, home_from_environment
from prm.local.postgres import LocalDatabase

# Commands of manage.py that use neither database nor broker.
WITHOUT_SERVERS: Final = frozenset(["collectstatic", "diffsettings", "findstatic", "help", "version"])
# Commands that make the tables, look at how they are made, or need none.
WITHOUT_TABLES: Final = frozenset(
    [
        *WITHOUT_SERVERS,
        "check",
        "create_max_migration_files",
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
    ]
)


def main() -> int:
    """Return the exit code; errors are one message on standard error."""
    try:
        environment.complete(os.environ)
        prepare(home_from_environment())
    except LocalServiceError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    print("Everything is installed and prepared. `make demo` starts it.")
    return 0


def before_command(arguments: list[str]) -> None:
    """Complete the environment of `manage.py ARGUMENTS`, and make the servers and tables that the command needs.

    Takes milliseconds when they are there. Ends the process with one message when they cannot be made.
    """
    wanted = arguments[0] if arguments else "help"
    asks_for_help = wanted.startswith("-") or {"-h", "--help", "--version"} & set(arguments)
    try:
        environment.complete(os.environ)
        if asks_for_help or wanted in WITHOUT_SERVERS:
            return
        environment.start(os.environ)
        if wanted not in WITHOUT_TABLES and environment.DATABASE in environment.embedded_parts(os.environ):
            home = home_from_environment()
            with _alone(home) as stamps:
                _prepare_tables(home, stamps)
    except LocalServiceError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError:
        sys.exit("The tables could not be made; see above.")


def prepare(home: Path) -> None:
    """Migrate and collect static files. Raises CalledProcessError when Django says no."""
    with _alone(home) as stamps:
        _prepare_tables(home, stamps)
        _prepare_static_files(home, stamps)


@contextmanager
def _alone(home: Path) -> Iterator[Path]:
    """Yield the folder of the stamps, while nobody else prepares the same data."""
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
    is_embedded = environment.DATABASE in environment.embedded_parts(os.environ)
    embedded = postgres.ensure_running(home) if is_embedded else None
    if embedded is None or read(stamp) != wanted or not _applied(embedded, migrations):
        _manage("Preparing the database", "migrate", "--verbosity", "0")
        stamp.write_text(wanted)


def _prepare_static_files(home: Path, stamps: Path) -> None:
    wanted = _digest_of_static_files()
    stamp = stamps / "static"
    collected = Path(os.environ.get("STATIC_ROOT") or home / ".local" / "static")
    if read(stamp) != wanted or not collected.is_dir():
        _manage("Collecting static files", "collectstatic", "--noinput", "--verbosity", "0")
        stamp.write_text(wanted)


def _manage(step: str, *arguments: str) -> None:
    """Run a command of `manage.py`; standard output is our caller's own: it may be one JSON object."""
    command = [sys.executable, str(checkout() / "manage.py"), *arguments]
    process = subprocess.Popen(command, cwd=checkout(), stdout=sys.stderr)  # nosec B603 # no shell; the command is our own
    Progress(step, sys.stderr).wait_for(process)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _apps() -> list[Path]:
    """Return the directories of our own Django apps."""
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
    """Return whether the embedded database has all of them (it may be new, or from another branch)."""
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
    """Return a digest of our own files by name, size and time; packages by what pins them."""
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
