import socket

import pytest
import requests

from prm.sandbox.web.guard import is_loopback


def test_foreign_host_names_are_refused(api):
    answer = requests.get(api.url + "/", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 421


def test_too_long_addresses_and_headers(api):
    answer = api.get("/query", params={"q": "x" * 17_000})
    assert (answer.status_code, "Bad Message 414" in answer.text) == (414, True)
    answer = api.get("/limits", headers={"X-Long": "x" * 17_000})
    assert (answer.status_code, "Bad Message 431" in answer.text) == (431, True)


@pytest.mark.parametrize("header", ["Content-Length: 50000001", "Transfer-Encoding: chunked"])
def test_bodies_that_are_too_long_or_of_unknown_length_are_refused_unread(server, header):
    host, port = server.root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"POST /default/ HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("localhost", True),
        ("::", False),
        ("a.b", False),
    ],
)
def test_loopback_is_this_machine_only(host, local):
    assert is_loopback(host) is local
