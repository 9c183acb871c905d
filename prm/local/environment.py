"""The newcomer's environment: production's variables, written for the embedded servers.

`prm.settings` only reads the environment. What starts PRM for a newcomer (make, `manage.py`, the tests)
completes it first, and starts the servers that it names. `PRM_EMBEDDED` then says which those are, so
that a program started with this environment finds them again and `check --deploy` refuses them.

`python -m prm.local.environment COMMAND…` runs any other program so, as `gunicorn prm.wsgi`.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from prm.local import postgres, server, valkey
from prm.local.layout import LocalServiceError, home_from_environment

EMBEDDED: Final = "PRM_EMBEDDED"
DATABASE, BROKER = "database", "broker"


def complete(environment: MutableMapping[str, str]) -> None:
    """Write what is missing: home, database, secret key, broker. What is given stays; nothing is started.

    Raises LocalServiceError when the data cannot be kept where they should be.
    """
    home = home_from_environment(environment)
    embedded = embedded_parts(environment)
    environment["PRM_HOME"] = str(home)
    if DATABASE in embedded or not _given(environment, "DATABASE_URL"):
        embedded.add(DATABASE)
        database = postgres.address(home)
        environment["DATABASE_URL"] = database.app_url
        environment["DATABASE_OWNER_URL"] = database.owner_url
        if not _given(environment, "SECRET_KEY"):
            environment["SECRET_KEY"] = _secret_key(home / ".local")
    if BROKER in embedded or not _given(environment, "REDIS_URL"):
        embedded.add(BROKER)
        environment["REDIS_URL"] = valkey.address(home)
    if embedded:
        environment[EMBEDDED] = ",".join(sorted(embedded))
        allow_sandbox(environment)


def start(environment: MutableMapping[str, str]) -> None:
    """Complete the environment and start the embedded servers it names, side by side; they stay as long as this process.

    Raises LocalServiceError with what happened and what to do.
    """
    complete(environment)
    home = home_from_environment(environment)
    embedded = embedded_parts(environment)
    wanted = [(DATABASE, postgres.ensure_running), (BROKER, valkey.ensure_running)]
    with ThreadPoolExecutor(len(wanted)) as pool:
        for started in [pool.submit(ensure, home) for part, ensure in wanted if part in embedded]:
            started.result()


def allow_sandbox(environment: MutableMapping[str, str]) -> None:
    """Let this machine be called: the sandbox Salesforce org listens here."""
    if not _given(environment, "OUTGOING_ALLOWED"):
        environment["OUTGOING_ALLOWED"] = "127.0.0.0/8,::1"


def embedded_parts(environment: MutableMapping[str, str]) -> set[str]:
    """Return which servers of a completed environment are embedded ones."""
    return {part for part in environment.get(EMBEDDED, "").split(",") if part}


def _given(environment: MutableMapping[str, str], name: str) -> bool:
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def _secret_key(local: Path) -> str:
    """Return the newcomer's own random key, kept beside the data so that sessions outlive a restart."""
    file = local / "secret-key"
    if not file.exists():
        draft = file.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        # Linking fails when another process was first: then its key is the key.
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_text(encoding="ascii").strip()


def main() -> None:
    """Become the command; the embedded servers stay until it ends."""
    if not sys.argv[1:]:
        sys.exit("Name a command: python -m prm.local.environment gunicorn prm.wsgi")
    try:
        start(os.environ)
    except LocalServiceError as error:
        sys.exit(str(error))
    server.keep_over_exec()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 # nosec B606 # the user's own command


if __name__ == "__main__":
    main()
