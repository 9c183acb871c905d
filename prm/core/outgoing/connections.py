"""Connections for urllib3 that go to checked addresses only and whose time-outs are total times.

urllib3 gives each connection the time that is left (`Timeout(total=…)`). A plain connection applies it to
each read anew, so that a byte a second would do for ever; here it is the time for the whole answer.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import SSLError

from prm.core.outgoing import addresses
from prm.core.outgoing.errors import NotReached, Untrusted

CONNECT_SECONDS = 5.0
"""For resolving and connecting; never more than what is left of the request's time."""


class _UntilThen(io.RawIOBase):
    """What a socket receives, until a moment of the monotonic clock."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, ends: float) -> None:
        self._raw, self._sock, self._ends = raw, sock, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TotalTimeResponse(http.client.HTTPResponse):
    """An answer that arrives as a whole, head and body, within the socket's time-out."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        seconds = sock.gettimeout()
        if seconds is not None:
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_UntilThen(raw, sock, time.monotonic() + seconds))


class _TotalTime:
    """What both kinds of connection share: where they connect to, and one time for connecting and sending.

    Mixed in before urllib3's classes, whose `timeout` is the time that the exchange has left.
    """

    response_class = TotalTimeResponse
    encrypted: bool
    default_port: int
    host: str
    port: int | None
    sock: socket.socket | None
    timeout: float
    connect: Callable[[], None]

    def _new_conn(self) -> socket.socket:
        """Connect to the first address of the host that may be called and answers."""
        ends = time.monotonic() + self.timeout
        patience = time.monotonic() + min(self.timeout, CONNECT_SECONDS)
        port, reason = self.port or self.default_port, "timed out"
        seconds = patience - time.monotonic()
        for endpoint in addresses.reachable(self.host, port, encrypted=self.encrypted, seconds=seconds):
            try:
                sock = _connected(endpoint, patience - time.monotonic())
            except TimeoutError:
                reason = "timed out"
            except OSError:
                reason = "connection refused"
            else:
                self.timeout = max(ends - time.monotonic(), 0.001)
                sock.settimeout(self.timeout)
                return sock
        raise NotReached(f"{self.host}:{port}", reason)

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes within the time that is left; `sendall` would allow it to each piece anew."""
        if self.sock is None:
            self.connect()
        assert self.sock is not None
        rest = memoryview(data).cast("B")
        ends = time.monotonic() + self.timeout
        while rest:
            self.sock.settimeout(max(ends - time.monotonic(), 0.001))
            rest = rest[self.sock.send(rest) :]
        self.timeout = max(ends - time.monotonic(), 0.001)


def _connected(endpoint: addresses.Endpoint, seconds: float) -> socket.socket:
    """Return a socket that is connected to just this address. Raises OSError."""
    if seconds <= 0:
        raise TimeoutError
    sock = socket.socket(endpoint.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(endpoint.sockaddr)
    except OSError:
        sock.close()
        raise
    return sock


class CheckedHTTPConnection(_TotalTime, HTTPConnection):  # type: ignore[misc]  # narrower than urllib3's
    """Plain HTTP, to addresses of `OUTGOING_ALLOWED` only."""

    encrypted = False


class CheckedHTTPSConnection(_TotalTime, HTTPSConnection):  # type: ignore[misc]
    """HTTP over TLS."""

    encrypted = True

    def connect(self) -> None:
        """Connect and shake hands; whatever fails here, nothing was sent."""
        try:
            super().connect()
        except (SSLError, ssl.SSLError) as error:
            raise Untrusted(self.host, "certificate") from error
        except TimeoutError as error:
            raise NotReached(self.host, "timed out") from error
        except OSError as error:
            raise NotReached(self.host, "connection lost") from error


class CheckedHTTPPool(HTTPConnectionPool):
    """Connections of one host, plain."""

    ConnectionCls = CheckedHTTPConnection  # type: ignore[assignment]  # as narrow as urllib3's own


class CheckedHTTPSPool(HTTPSConnectionPool):
    """Connections of one host, encrypted."""

    ConnectionCls = CheckedHTTPSConnection  # type: ignore[assignment]


POOLS = {"http": CheckedHTTPPool, "https": CheckedHTTPSPool}
