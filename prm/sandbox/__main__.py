"""Start sandbox orgs: `python -m prm.sandbox --port 9100 --data org.sqlite3`."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer, facts, ready_line
from prm.sandbox.web.guard import is_loopback


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m prm.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--data", type=Path, required=True, help="SQLite file; each named org gets FILE.NAME")
    parser.add_argument("--org", action="append", metavar="NAME", help="an org, repeatable (default)")
    parser.add_argument("--client-id", help="consumer key; with several orgs, each gets CLIENT_ID-NAME")
    parser.add_argument(
        "--client-secret-file",
        type=Path,
        help="the secret of all orgs; made when it is not there (one beside each org's data)",
    )
    parser.add_argument(
        "--callback",
        action="append",
        default=[],
        metavar="URL",
        help="an address that people may be sent back to, repeatable; {org} stands for the org's name",
    )
    parser.add_argument("--daily-limit", type=int, default=100_000, help="API calls in 24 hours")
    parser.add_argument("--ready-file", type=Path, help="written with one JSON object when listening")
    parser.add_argument(
        "--ready-fd", type=int, help="the same JSON is written to this descriptor, which is closed"
    )
    return parser.parse_args(given)


def read_secret(path: Path) -> str:
    """Return the secret in a file; a missing file is made, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(24) + "\n")
    return path.read_text().strip()


def open_org(options: argparse.Namespace, name: str) -> SandboxOrg:
    """Return an org of the command line: the default one in the file itself, others beside it."""
    data: Path = options.data
    named = options.org is not None
    path = data.with_name(f"{data.name}.{name}") if named else data
    path.parent.mkdir(parents=True, exist_ok=True)
    secret_file = options.client_secret_file or path.with_name(f"{path.name}.secret")
    client_id = options.client_id
    if client_id and named and len(options.org) > 1:
        client_id = f"{client_id}-{name}"
    org = SandboxOrg(
        path,
        name,
        client_id=client_id,
        client_secret=read_secret(secret_file),
        daily_limit=options.daily_limit,
    )
    known = [callback.replace("{org}", name) for callback in options.callback]
    org.app.callbacks = list(dict.fromkeys([*org.app.callbacks, *known]))
    return org


def added_file(options: argparse.Namespace) -> Path:
    """Return where the names of orgs stand that were added while the process ran."""
    data: Path = options.data
    return data.with_name(f"{data.name}.added")


def added(options: argparse.Namespace) -> list[str]:
    """Return the names of orgs that were added before, and are opened again."""
    file = added_file(options)
    return file.read_text().split() if file.exists() else []


def add_org(options: argparse.Namespace, name: str) -> SandboxOrg:
    """Open one more org, and again with each start. Raise ValueError for a name that cannot be one."""
    if not is_name(name):
        raise ValueError(NAMES)
    org = open_org(options, name)
    file = added_file(options)
    file.write_text("\n".join(dict.fromkeys([*added(options), name])) + "\n")
    return org


NAMES = "Org names must differ and consist of letters, digits, - and _."


def is_name(name: str) -> bool:
    """Tell whether an org can be called so."""
    return name.replace("-", "").replace("_", "").isalnum() and name.isascii()


def main(given: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 for an address that is not this machine's or is in use."""
    options = arguments(given)
    if not is_loopback(options.host):
        print(f"The sandbox org listens on loopback only, not on {options.host}.", file=sys.stderr)  # noqa: T201
        return 2
    names = options.org or ["default"]
    if len(set(names)) < len(names) or not all(map(is_name, names)):
        print(NAMES, file=sys.stderr)  # noqa: T201
        return 2
    more = [name for name in added(options) if name not in names] if options.org else []
    orgs = [open_org(options, name) for name in [*names, *more]]
    make = (lambda name: add_org(options, name)) if options.org else None
    try:
        server = SandboxServer(*orgs, host=options.host, port=options.port, make=make)
    except OSError as error:
        print(f"Port {options.port} on {options.host} cannot be used: {error.strerror}.", file=sys.stderr)  # noqa: T201
        return 2
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server.start()
    _announce(server, options)
    stopping.wait()
    server.stop()
    return 0


def _announce(server: SandboxServer, options: argparse.Namespace) -> None:
    for org in server.orgs:
        print(ready_line(server, org), flush=True)  # noqa: T201
    if options.ready_file:
        # Renamed into place, so that a reader never finds half of it.
        draft = options.ready_file.with_name(options.ready_file.name + ".new")
        draft.write_text(facts(server))
        draft.replace(options.ready_file)
    if options.ready_fd is not None:
        with os.fdopen(options.ready_fd, "w") as pipe:
            pipe.write(facts(server))


if __name__ == "__main__":
    sys.exit(main())
