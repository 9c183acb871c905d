"""What is refused before anybody reads it: foreign hosts, heads and bodies that are too long."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_HEAD, MAX_BODY = 16_384, 50_000_000


def is_loopback(host: str) -> bool:
    """Tell whether an address or name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _refusal(scope: Scope) -> Response | None:
    headers = Headers(scope=scope)
    # A foreign Host is a page elsewhere that had its name resolved to this machine.
    if not is_loopback(urlsplit("//" + headers.get("host", "localhost")).hostname or ""):
        return PlainTextResponse("This sandbox org answers to loopback names only.", 421)
    address = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"])
    if address > MAX_HEAD:
        return HTMLResponse("<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", 414)
    if address + sum(len(name) + len(value) + 4 for name, value in headers.raw) > MAX_HEAD:
        return HTMLResponse("<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>", 431)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        return _too_long()
    return None


def _too_long() -> Response:
    return HTMLResponse("<h1>Bad Message 413</h1>", 413)


async def _in_pieces(receive: Receive) -> list[Message] | None:
    """Read a body that does not say how long it is (clients of Node send theirs so); `None` when it is too long."""
    pieces: list[Message] = []
    size, more = 0, True
    while more:
        piece = await receive()
        pieces.append(piece)
        size += len(piece.get("body", b""))
        more = piece.get("more_body", False)
        if size > MAX_BODY:
            return None
    return pieces


def _again(pieces: list[Message], receive: Receive) -> Receive:
    left = iter(pieces)

    async def replay() -> Message:
        piece = next(left, None)
        return await receive() if piece is None else piece

    return replay


class Guard:
    """Passes on what may be answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        refusal = _refusal(scope)
        if refusal is None and "transfer-encoding" in Headers(scope=scope):
            pieces = await _in_pieces(receive)
            refusal = _too_long() if pieces is None else None
            receive = _again(pieces or [], receive)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        # The body was not read to its end, so nothing else can follow on this connection.
        refusal.headers["Connection"] = "close"
        await refusal(scope, receive, send)
