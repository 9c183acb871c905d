"""Requests to servers that behave badly end in time, in size, and where they were sent."""

import gzip
import json
import logging
import socket
import ssl
import time
from ipaddress import ip_network

import pytest

from prm.core.outgoing.errors import AddressRefused, AnswerLost, NotReached, OutgoingError, Untrusted
from prm.core.outgoing.session import OutgoingSession
from tests.core.outgoing.conftest import drips, never_reads, says

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
# Far more than a busy machine adds; each of these servers would go on for ever.
SOON = 20.0


@pytest.fixture
def session():
    with OutgoingSession(seconds=0.5, most_bytes=100_000) as made:
        yield made


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"", b"H"),  # not even a status line
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD, b"X"),  # a header that never ends
        (HEAD + b"\r\n", b" "),  # a body
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x", mtime=0)[:10], b"\0"),
    ],
    ids=["status", "interim", "header", "body", "chunks", "gzip"],
)
def test_time_is_total_and_not_between_bytes(serve, session, head, drop):
    server, began = serve(drips(head, drop)), time.monotonic()
    with pytest.raises(AnswerLost):
        session.get(server.url)
    assert time.monotonic() - began < SOON


def test_a_server_that_reads_nothing_ends_it(serve, session):
    server, began = serve(never_reads), time.monotonic()
    with pytest.raises(AnswerLost, match="timed out"):
        session.post(server.url, data=b"x" * 2**26)
    assert time.monotonic() - began < SOON


def test_a_handshake_that_is_not_answered_ends_it(serve, session):
    server, began = serve(never_reads), time.monotonic()
    with pytest.raises(NotReached, match="timed out"):
        session.get(server.url.replace("http:", "https:"))
    assert time.monotonic() - began < SOON


def test_what_is_in_time_arrives_and_connections_are_kept(serve, session):
    def twice(sock, over):
        sock.sendall(OK)
        sock.recv(65_536)
        sock.sendall(OK)

    server = serve(twice)
    assert [session.get(server.url).json(), session.get(server.url).json()] == [{}, {}]
    assert len(server.asked) == 1, "one connection for both"


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"\r\n" + b"x" * 200_000,
        HEAD + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000,
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 50_000_000),
        HEAD + b"X: y\r\n" * 500 + b"\r\n",
        HEAD + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=["body", "announced", "bomb", "headers", "header"],
)
def test_size_is_bounded(serve, answer):
    with OutgoingSession(seconds=20, most_bytes=100_000) as session, pytest.raises(AnswerLost):
        session.get(serve(says(answer)).url)


def test_an_answer_that_breaks_off_is_lost(serve, session):
    with pytest.raises(AnswerLost, match="connection lost"):
        session.get(serve(says(HEAD + b"Content-Length: 10\r\n\r\nabc")).url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_and_the_token_stays(serve, session, status):
    elsewhere = serve(says(OK))
    answer = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n"
    first = serve(says(answer.encode()))
    told = session.post(first.url, headers={"Authorization": "Bearer t"}, allow_redirects=True)
    assert told.status_code == status
    assert b"Bearer t" in first.asked[0]
    assert elsewhere.asked == []


def test_the_connection_goes_to_the_address_that_was_checked(serve, session, settings, monkeypatch):
    """A resolver that answers with an allowed address first and with another one next (DNS rebinding)."""
    settings.OUTGOING_ALLOWED = (ip_network("127.0.0.2"),)
    inside = serve(says(OK), "127.0.0.1")
    answers = ["127.0.0.2", "127.0.0.1", "127.0.0.1"]
    lookups = []

    def getaddrinfo(host, port, *args, **wishes):
        lookups.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(lookups) - 1], port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(NotReached):
        session.get(f"http://rebinding.example:{inside.port}/")
    assert lookups == ["rebinding.example"]
    with pytest.raises(AddressRefused):
        session.get(f"http://rebinding.example:{inside.port}/")
    assert inside.asked == []


def test_the_host_is_named_as_it_was_written(serve, session, monkeypatch):
    server = serve(says(OK))

    def getaddrinfo(host, port, *args, **wishes):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    session.get(f"http://acme.example:{server.port}/")
    assert f"Host: acme.example:{server.port}".encode() in server.asked[0]


def test_a_name_with_a_refused_address_never_gets_a_connection(serve, session, settings):
    server = serve(says(OK))
    settings.OUTGOING_ALLOWED = ()
    for url in (
        server.url,
        server.url.replace("127.0.0.1", "localhost"),
        server.url.replace("http:", "https:"),
    ):
        with pytest.raises(AddressRefused):
            session.get(url)
    assert server.asked == []


def test_proxies_and_netrc_of_the_environment_are_not_asked(serve, session, monkeypatch, tmp_path):
    proxy, server = serve(says(OK)), serve(says(OK))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session.get(server.url)
    assert proxy.asked == []
    assert b"Authorization" not in server.asked[0]
    with pytest.raises(OutgoingError):
        session.get("http://far.example/", proxies={"http": proxy.url})
    assert proxy.asked == []


@pytest.mark.parametrize(
    "url", ["", "far.example", "file:///etc/passwd", "ftp://far.example/", "gopher://x", "http://", "https://[::1", "http://a:b"]
)  # fmt: skip
def test_only_http_is_spoken(session, url):
    with pytest.raises(AddressRefused):
        session.get(url)


def test_names_and_passwords_of_an_address_are_in_no_message(session):
    with pytest.raises(OutgoingError) as caught:
        session.get("http://user:secret@127.0.0.1:9/")
    assert "secret" not in str(caught.value)


def test_a_certificate_that_proves_nothing(session, tmp_path):
    """Signed by itself; there is no way to turn the check off."""
    listener, served = _tls_server(tmp_path)
    url = f"https://localhost:{listener.getsockname()[1]}/"
    with pytest.raises(Untrusted, match="does not prove its identity"):
        session.get(url, verify=False)
    served.join()
    listener.close()


def _tls_server(folder):
    import contextlib
    import threading
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(begins).not_valid_after(begins + timedelta(days=36_500))
    certificate = built.sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True):
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    return listener, thread


def test_nothing_of_an_answer_is_in_a_log(serve, session, caplog):
    caplog.set_level(logging.DEBUG)
    answer = json.dumps({"secret": "s3cret"}).encode()
    session.get(serve(says(HEAD + b"Content-Length: %d\r\n\r\n" % len(answer) + answer)).url)
    assert "s3cret" not in caplog.text
