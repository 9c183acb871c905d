"""Connections that send each answer in one piece, and can be cut in the middle of one as a network does."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

CUT = "sandbox.cut"


class _Gathering:
    """A transport that sends what one step of the loop writes at once: the head with the body."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep what is written until the step ends."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        self._transport.write(b"".join(pieces))

    def close(self) -> None:
        """End the connection after what was written so far."""
        self._flush()
        self._transport.close()


class Connection(H11Protocol):
    """A connection that gives the application the means to end it, as `scope["state"][CUT]`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, CUT: self.cut}, _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Take a new connection."""
        super().connection_made(cast("asyncio.Transport", _Gathering(transport, self.loop)))

    def cut(self) -> None:
        """End the connection after what was written so far."""
        self.transport.close()
