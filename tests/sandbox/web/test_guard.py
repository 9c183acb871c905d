import socket

import pytest
import requests

from prm.sandbox.web import guard
from prm.sandbox.web.guard import is_loopback


def test_foreign_host_names_are_refused(api):
    answer = requests.get(api.url + "/", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 421


def test_too_long_addresses_and_headers(api):
    answer = api.get("/query", params={"q": "x" * 17_000})
    assert (answer.status_code, "Bad Message 414" in answer.text) == (414, True)
    answer = api.get("/limits", headers={"X-Long": "x" * 17_000})
    assert (answer.status_code, "Bad Message 431" in answer.text) == (431, True)


def test_a_body_that_says_it_is_too_long_is_refused_unread(server):
    header = "Content-Length: 50000001"
    host, port = server.root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"POST /default/ HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


def test_a_body_in_pieces_is_taken_up_to_the_same_length(api, monkeypatch):
    """jsforce sends every body so."""
    form = b"grant_type=client_credentials&client_id=nobody"
    pieces = [form[:9], form[9:]]
    address = f"{api.url}/services/oauth2/token"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    taken = requests.post(address, data=iter(pieces), headers=kind, timeout=10)
    assert taken.json()["error"].startswith("invalid_client")
    monkeypatch.setattr(guard, "MAX_BODY", len(form) - 1)
    refused = requests.post(address, data=iter(pieces), headers=kind, timeout=10)
    assert (refused.status_code, "Bad Message 413" in refused.text) == (413, True)


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
