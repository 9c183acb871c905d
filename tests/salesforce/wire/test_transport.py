"""The session that simple-salesforce is given, and the renewal of tokens."""

import contextlib
import logging
import threading

import pytest

from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.wire import errors, signin
from prm.salesforce.wire.client import Org
from prm.salesforce.wire.signin import FixedTokens, sign_in
from prm.salesforce.wire.transport import Grant, Usage, at_instance, checked_url


class Counting:
    """Tokens that are renewed by signing in, counted."""

    def __init__(self, server):
        self.server = server
        self.renewals = 0
        self.grant = self._sign_in()

    def _sign_in(self):
        return sign_in(self.server.url, self.server.client_id, self.server.client_secret)

    def current(self):
        return self.grant

    def renew(self, stale):
        self.renewals += 1
        self.grant = self._sign_in()
        return self.grant


@pytest.fixture
def tokens(server):
    return Counting(server)


@pytest.fixture
def org(tokens):
    made = Org(tokens)
    made.session._pause = lambda seconds: None
    return made


def test_a_query_goes_through(org):
    assert org.organisation()["Id"]
    assert org.usage.calls == 1
    assert org.usage.org_limit
    assert org.usage.server_time is not None


def test_a_dead_token_is_renewed_once_and_the_headers_stay(org, tokens, server):
    seen = []
    send = org.session.send

    def spy(request, **options):
        seen.append(dict(request.headers))
        return send(request, **options)

    org.session.send = spy
    server.org.faults.add(kind="token_death", method="POST")
    org._call("sobjects/Account", "POST", json={"Name": "x"}, headers={"If-Unmodified-Since": "x"})
    assert tokens.renewals == 1
    assert len(seen) == 2
    assert seen[1]["If-Unmodified-Since"] == "x"
    first, second = seen
    assert first["Authorization"] != second["Authorization"]
    assert {**first, "Authorization": ""} == {**second, "Authorization": ""}


def test_a_token_that_is_refused_again_ends_it(org, tokens, server):
    server.org.faults.add(kind="token_death", times="always")
    with pytest.raises(errors.SignInRefused):
        list(org.query("SELECT Id FROM Account"))
    assert tokens.renewals == 1


def test_reads_are_repeated(org, server):
    server.org.faults.add(kind="html", method="GET", times=2)
    assert list(org.query("SELECT Id FROM Account")) == []
    assert org.usage.calls == 3


def test_writes_are_not_repeated(org, server):
    server.org.faults.add(kind="lose_after", method="POST", times=1)
    with pytest.raises(errors.UnknownOutcome):
        org.create("Account", {"Name": "x"})
    assert len(list(org.query("SELECT Id FROM Account"))) == 1


@pytest.mark.parametrize(
    "fault,kind",
    [
        ({"kind": "html", "status": 503}, errors.Busy),
        ({"kind": "html", "status": 502}, errors.UnknownOutcome),
        ({"kind": "truncate"}, errors.UnknownOutcome),
        ({"kind": "lose_before"}, errors.UnknownOutcome),
        ({"kind": "limit_daily"}, errors.OutOfBudget),
        ({"kind": "limit_concurrent"}, errors.Busy),
        ({"kind": "status", "status": 400, "body": [{"errorCode": "X", "message": "y"}]}, errors.Permanent),
        ({"kind": "status", "status": 431, "body": "<h1>Bad Message</h1>"}, errors.Permanent),
    ],
)
def test_trouble_with_a_write_is_classified(org, server, fault, kind):
    server.org.faults.add(method="POST", **fault)
    with pytest.raises(kind):
        org.create("Account", {"Name": "x"})


def test_nobody_there_means_nothing_was_written():
    org = Org(FixedTokens(Grant("t", "http://127.0.0.1:9")))
    org.session._pause = lambda seconds: None
    with pytest.raises(errors.Unreachable, match="cannot be reached: connection refused"):
        org.create("Account", {"Name": "x"})


def test_a_hang_ends(org, server, monkeypatch):
    monkeypatch.setattr("prm.salesforce.wire.transport.READ_SECONDS", 0.2)
    server.org.faults.add(kind="delay", method="POST", seconds=1)
    with pytest.raises(errors.UnknownOutcome, match="timed out"):
        org.create("Account", {"Name": "x"})


@pytest.fixture
def dripping():
    """The address of a server that answers a byte at a time and never ends."""
    import socket

    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def serve():
        asked = []
        while not over.is_set():
            try:
                asked.append(listener.accept()[0])
                asked[-1].sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            except TimeoutError:
                pass
            for one in asked:
                with contextlib.suppress(OSError):
                    one.sendall(b" " * 10)
        for one in [*asked, listener]:
            one.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    thread.join()


@pytest.mark.parametrize(("name", "most"), [("ANSWER_SECONDS", 0.5), ("MOST_BYTES", 30)])
def test_an_answer_that_never_ends_is_cut_off(dripping, monkeypatch, name, most):
    from prm.salesforce.wire import transport

    monkeypatch.setattr(transport, name, most)
    org = Org(FixedTokens(Grant("token", dripping)), lambda seconds: None)
    with pytest.raises(errors.Busy, match="did not answer"):
        org.organisation()


def test_a_sign_in_that_never_ends_is_cut_off(dripping, monkeypatch):
    monkeypatch.setattr(signin, "SIGN_IN_SECONDS", 0.5)
    with pytest.raises(errors.Busy, match="timed out"):
        sign_in(dripping, "id", "secret")


def test_secrets_are_in_no_log(org, tokens, server, caplog):
    caplog.set_level(logging.DEBUG)
    server.org.faults.add(kind="html", method="GET", times=1)
    list(org.query("SELECT Id FROM Account"))
    with pytest.raises(errors.SignInRefused) as caught:
        sign_in(server.url, server.client_id, "top-secret")
    logged = caplog.text + repr(caught.value) + repr(tokens.grant)
    assert tokens.grant.token not in logged
    assert server.client_secret not in logged
    assert "top-secret" not in logged


@pytest.mark.parametrize(
    "header,used,app",
    [
        ("api-usage=25/5000", (25, 5000), (None, None)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)", (25, 5000), (17, 250)),
        ("", (None, None), (None, None)),
        ("nonsense", (None, None), (None, None)),
    ],
)
def test_the_limit_header(header, used, app):
    usage = Usage()
    usage.note({"Sforce-Limit-Info": header} if header else {})
    assert ((usage.org_used, usage.org_limit), (usage.app_used, usage.app_limit)) == (used, app)


@pytest.mark.parametrize(
    "url,kept",
    [
        ("https://a.my.salesforce.com/", "https://a.my.salesforce.com"),
        (" http://127.0.0.1:8010/mercy/ ", "http://127.0.0.1:8010/mercy"),
        ("http://[::1]:1", "http://[::1]:1"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_addresses_that_are_accepted(url, kept):
    assert checked_url(url) == kept


@pytest.mark.parametrize(
    "url",
    ["http://a.example", "ftp://localhost", "a.example", "", "https://u:p@a.example", "http://127.0.0.1.evil.example",
     "http://localhost.evil.example", "https://a.example:port"],
)  # fmt: skip
def test_addresses_that_are_refused(url):
    with pytest.raises(errors.Misconfigured):
        checked_url(url)


def test_requests_follow_the_instance():
    moved = at_instance("https://old.example/services/data/v66.0/query/?q=1", "http://127.0.0.1:8010/mercy")
    assert moved == "http://127.0.0.1:8010/mercy/services/data/v66.0/query/?q=1"


def test_an_address_that_is_no_salesforce():
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Other(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as http:
        threading.Thread(target=http.handle_request, daemon=True).start()
        with pytest.raises(errors.SignInRefused, match="does not answer like Salesforce"):
            sign_in(f"http://127.0.0.1:{http.server_address[1]}", "a", "b")


def test_the_stored_secret_is_not_readable_in_the_table(connected):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret FROM salesforce_connection")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT access_token FROM salesforce_syncstate")
        token = cursor.fetchone()[0]
    assert connected.server.client_secret not in stored
    assert SyncState.objects.get().access_token not in token


def test_a_wrong_key_is_loud(connected, settings):
    from cryptography.fernet import Fernet

    from prm.core.fields import WrongFieldKey

    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(WrongFieldKey, match="client_secret"):
        Connection.objects.get()
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, *old]
    assert Connection.objects.get().client_secret == connected.server.client_secret
