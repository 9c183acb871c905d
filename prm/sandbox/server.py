"""Serving orgs over HTTP on loopback, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable
from typing import Self

import uvicorn

from prm.sandbox.faults.models import FaultPlan
from prm.sandbox.org import SandboxOrg
from prm.sandbox.web.app import Application
from prm.sandbox.web.connection import Connection
from prm.sandbox.web.guard import Guard, is_loopback

BACKLOG = 128
KEEP_ALIVE_SECONDS, START_SECONDS = 300, 60
# Longer heads than the guard allows still get an answer that says so.
MAX_INCOMPLETE = 65_536


class _Uvicorn(uvicorn.Server):
    """Serves until `stop`, and ends at once: the stock one looks ten times a second whether it should."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for `stop`."""
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening and end open connections; requests that still run are given up."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def stop(self) -> None:
        """Make the loop end; called from another thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._stopping.set)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is said.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class SandboxServer:
    """Serves one or several orgs at `http://host:port/<org name>`.

    `port` 0 picks a free one. `start` returns when it listens; use it in a `with`
    block or call `stop`. Refuses any address but loopback. With `make` orgs can be added while it runs.
    """

    def __init__(
        self,
        *orgs: SandboxOrg,
        host: str = "127.0.0.1",
        port: int = 0,
        make: Callable[[str], SandboxOrg] | None = None,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"the sandbox org listens on loopback only, not on {host}")
        self.orgs: list[SandboxOrg] = list(orgs) or [SandboxOrg()]
        self._socket = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.root = f"http://{shown}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            Guard(Application(self.orgs, self.root, make)),
            loop="asyncio",
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            h11_max_incomplete_event_size=MAX_INCOMPLETE,
        )
        self._ready = threading.Event()
        self._uvicorn = _Uvicorn(config, self._ready)
        self._thread = threading.Thread(target=self._uvicorn.run, args=([self._socket],), daemon=True)

    @property
    def url(self) -> str:
        """The My Domain address of the first org: login URL and instance URL."""
        return self.url_of(self.org)

    @property
    def org(self) -> SandboxOrg:
        """The first org."""
        return self.orgs[0]

    @property
    def client_id(self) -> str:
        """The consumer key of the first org."""
        return self.org.app.client_id

    @property
    def client_secret(self) -> str:
        """The consumer secret of the first org."""
        return self.org.app.client_secret

    @property
    def faults(self) -> FaultPlan:
        """The faults of the first org."""
        return self.org.faults

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._uvicorn.server_state.connections)

    def url_of(self, org: SandboxOrg) -> str:
        """Return the My Domain address of an org."""
        return f"{self.root}/{org.name}"

    def start(self) -> Self:
        """Begin to serve, in a thread of its own."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError(f"the sandbox org did not start within {START_SECONDS} seconds")
        return self

    def stop(self) -> None:
        """Stop listening, end open connections and close the orgs' files."""
        self._uvicorn.stop()
        self._thread.join()
        self._socket.close()
        for org in self.orgs:
            org.close()

    def __enter__(self) -> Self:
        return self if self._thread.is_alive() else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def ready_line(server: SandboxServer, org: SandboxOrg) -> str:
    """Return what a person or a parent process waits for."""
    url, client_id = server.url_of(org), org.app.client_id
    return f"sandbox org ready on {url} (org {org.organization_id}, client id {client_id})"


def facts(server: SandboxServer) -> str:
    """Return the same for machines: one JSON object."""
    orgs = [
        {
            "name": org.name,
            "url": server.url_of(org),
            "organization_id": org.organization_id,
            "client_id": org.app.client_id,
        }
        for org in server.orgs
    ]
    return json.dumps({"url": server.root, "orgs": orgs})
