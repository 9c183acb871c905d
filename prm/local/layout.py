"""Where the embedded servers of one checkout lie, and as whom they run.

Each has a folder of its own, `<home>/.local/<name>`. When PRM is run as root PostgreSQL runs as the
account `nobody`, since it refuses root. Where `nobody` cannot enter the checkout (`/root` is
usually closed), the folder is a symbolic link to a directory of root's under `/var/lib`.
"""

import hashlib
import os
import pwd
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from prm.local.keeper import Privileges

OUTSIDE_PARENTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 # nosec B108 # the directory made there is our own
# sun_path holds 108 bytes on Linux and 104 on macOS; the rest is for "/.s.PGSQL.5432" and a ".lock".
LONGEST_SOCKET_DIRECTORY = 80
# libpq splits a host at commas and PostgreSQL a directory list at commas and quotes.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+\Z")


class LocalServiceError(RuntimeError):
    """A local service cannot be had; the message says what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account that owns a server's files and runs it."""

    name: str
    uid: int
    gid: int
    dropped: bool
    """True when we are root and change to this account."""

    @property
    def privileges(self) -> Privileges:
        """What `subprocess.Popen` is told to run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.dropped else {}


def checkout() -> Path:
    """Return the root of this checkout."""
    return Path(__file__).resolve().parents[2]


def home_from_environment(environment: Mapping[str, str] = os.environ) -> Path:
    """Return `PRM_HOME`, the directory that holds `.local`; the checkout when it is not set."""
    named = environment.get("PRM_HOME", "")
    return Path(named).expanduser().absolute() if named else checkout()


def own_account() -> Account:
    """Return the account that we run as."""
    return Account(str(os.geteuid()), os.geteuid(), os.getegid(), dropped=False)


def unprivileged_account() -> Account:
    """Return oneself, or `nobody` for root: whom PostgreSQL runs as."""
    if os.geteuid() != 0:
        return own_account()
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
    """The paths of one server. `top` is `.local/<name>` with links resolved."""

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
        """What the server and its keeper say."""
        return self.top / "server.log"

    @property
    def data(self) -> Path:
        """The server's data directory."""
        return self.top / "data"

    @cached_property
    def socket_directory(self) -> Path:
        """A private directory for the server's socket, short enough for a socket's address."""
        inside = self.top / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY and PLAIN_PATH.match(str(inside)):
            return inside
        digest = hashlib.sha256(os.fsencode(self.top)).hexdigest()[:16]
        return Path("/tmp") / f"prm-{self.account.uid}-{digest}"  # noqa: S108 # nosec B108 # ownership is checked


def prepare(home: Path, name: str, account: Account) -> Layout:
    """Make the directories of the server `name` of `home` and return where they are.

    Raises LocalServiceError when they cannot be made or belong to somebody else.
    """
    local = home / ".local"
    try:
        local.mkdir(parents=True, exist_ok=True)
        link = local / name
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
            f"Local data cannot be kept in {local}: {error.strerror}: {error.filename}. "
            "Set PRM_HOME to a directory that you may write to."
        ) from error
    return layout


def enterable_by_others(path: Path) -> bool:
    """Return whether every directory on the way to `path`, it included, may be entered by anyone."""
    resolved = path.resolve()
    return all(item.stat().st_mode & stat.S_IXOTH for item in (resolved, *resolved.parents))


def _outside_directory(home: Path, link: Path) -> Path:
    """Return the directory of root's that stands in for the link, made when there is none."""
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
    """Return False when `link` is a copy (of a copied checkout) and another checkout still uses `top`."""
    try:
        other = Path((top / "home").read_text()) / ".local" / link.name
    except OSError:
        return False
    copied = other.is_symlink() and other.resolve() == top and other.parent.resolve() != link.parent.resolve()
    return not copied


def _own_directory(path: Path, account: Account) -> None:
    """Make `path` private to the server's account; refuse one that somebody else put there."""
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
