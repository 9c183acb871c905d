"""Small servers that behave badly, on loopback."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest


class Server:
    """Answers each connection by a function of the socket; counts connections and keeps what was sent."""

    def __init__(self, behave: Callable[[socket.socket, threading.Event], None], host: str) -> None:
        self.over = threading.Event()
        self.asked: list[bytes] = []
        self.behave = behave
        self.listener = socket.create_server((host, 0))
        self.listener.settimeout(0.05)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        self.threads = [threading.Thread(target=self._serve)]
        self.threads[0].start()

    def _serve(self) -> None:
        while not self.over.is_set():
            with contextlib.suppress(TimeoutError):
                sock = self.listener.accept()[0]
                self.threads.append(threading.Thread(target=self._one, args=(sock,)))
                self.threads[-1].start()
        self.listener.close()

    def _one(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.settimeout(5)
            if self.behave is not never_reads:
                self.asked.append(sock.recv(65_536))
            self.behave(sock, self.over)

    def stop(self) -> None:
        self.over.set()
        for thread in list(self.threads):
            thread.join()


def drips(head: bytes, drop: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Send `head`, then `drop` again and again, for ever, and often enough that no single wait is long."""

    def behave(sock: socket.socket, over: threading.Event) -> None:
        sock.sendall(head)
        while not over.wait(0.02):
            sock.sendall(drop)

    return behave


def says(answer: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Send an answer and hang up."""

    def behave(sock: socket.socket, over: threading.Event) -> None:
        sock.sendall(answer)

    return behave


def never_reads(sock: socket.socket, over: threading.Event) -> None:
    """Take nothing of what is sent, and say nothing."""
    over.wait(30)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(behave: Callable[[socket.socket, threading.Event], None], host: str = "127.0.0.1") -> Server:
        servers.append(Server(behave, host))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
