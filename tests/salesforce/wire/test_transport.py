"""The session that simple-salesforce is given, and the renewal of tokens."""

import contextlib
import json
import logging
import threading

import pytest

from prm.core.errors import Refused
from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire import errors, refusals, signin
from prm.salesforce.wire.client import Org
from prm.salesforce.wire.signin import ByCredentials, FixedTokens, sign_in
from prm.salesforce.wire.transport import Grant, Usage, at_instance, checked_url


class Counting:
    """Tokens that are renewed by signing in, counted."""

    def __init__(self, server):
        self.server = server
        self.renewals = 0
        self.grant = self._sign_in()

    def _sign_in(self):
        return sign_in(ByCredentials(self.server.url, self.server.client_id, self.server.client_secret))

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
    assert org.organisation().id
    # The organisation, its limits, its currency.
    assert org.usage.calls == 3
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


def test_a_token_that_is_refused_again_is_passing_trouble(org, tokens, server):
    server.org.faults.add(kind="token_death", times="always")
    with pytest.raises(errors.Busy):
        list(org.query("SELECT Id FROM Account"))
    assert tokens.renewals == 3  # one for each try of a read


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


def test_a_hang_ends(org, server):
    org.session.seconds = 0.2
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
        sign_in(ByCredentials(dripping, "id", "secret"))


def test_secrets_are_in_no_log(org, tokens, server, caplog):
    caplog.set_level(logging.DEBUG)
    server.org.faults.add(kind="html", method="GET", times=1)
    list(org.query("SELECT Id FROM Account"))
    with pytest.raises(errors.SignInRefused) as caught:
        sign_in(ByCredentials(server.url, server.client_id, "top-secret"))
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
            sign_in(ByCredentials(f"http://127.0.0.1:{http.server_address[1]}", "a", "b"))


def test_a_deployment_goes_the_same_way_out(org, settings):
    settings.OUTGOING_ALLOWED = ()
    with pytest.raises(errors.Misconfigured, match="not on the public internet"):
        org.deploy({"package.xml": b"<Package/>"})


@pytest.fixture
def answering():
    """Serve each answer once, in order; yields (address, requests seen)."""
    from http.server import BaseHTTPRequestHandler, HTTPServer

    answers, seen = [], []

    class Other(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.do_GET()

        def do_GET(self):
            seen.append((self.path, self.headers.get("Authorization")))
            status, headers, body = answers.pop(0) if answers else (404, {}, b"")
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}", answers, seen
        http.shutdown()
        thread.join()


INSIDE = [
    "http://10.0.0.7",
    "https://10.0.0.7",
    "https://169.254.169.254/latest",
    "https://[::ffff:127.0.0.1]",
    "https://127.0.0.1:6379",
    "file:///etc/passwd",
    "https://a@10.0.0.7",
    "//10.0.0.7",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("instance", INSIDE)
def test_an_instance_address_of_an_answer_is_no_way_inside(answering, instance, settings):
    url, answers, seen = answering
    body = json.dumps({"access_token": "t", "instance_url": instance, "id": "https://x/id/00D/005"})
    answers.append((200, {}, body.encode()))
    with pytest.raises(errors.Misconfigured) as caught:
        grant = sign_in(ByCredentials(url, "id", "secret"))
        settings.OUTGOING_ALLOWED = ()
        Org(FixedTokens(grant)).organisation()
    assert "10.0.0.7" not in str(caught.value) or "may not be called" in str(caught.value)
    assert len(seen) == 1


def test_a_redirect_of_the_sign_in_or_of_data_is_not_followed(answering, server):
    url, answers, seen = answering
    answers.append((302, {"Location": f"{server.url}/services/oauth2/token"}, b""))
    with pytest.raises(errors.SignInRefused, match="does not follow"):
        sign_in(ByCredentials(url, "id", "secret"))
    for status in (301, 302, 307, 308):
        answers.append((status, {"Location": server.url}, b""))
        with pytest.raises(errors.Permanent, match=f"HTTP {status}"):
            Org(FixedTokens(Grant("token", url))).organisation()
    assert server.org.log.entries == []
    assert len(seen) == 5


def test_the_next_page_of_an_answer_stays_at_the_instance(answering, server):
    url, answers, seen = answering
    page = {
        "done": False,
        "records": [{"Id": "1"}],
        "nextRecordsUrl": f"@{server.url[7:]}/services/data/v66.0/query/2",
    }
    answers += [(200, {}, json.dumps(page).encode()), (200, {}, b'{"done": true, "records": []}')]
    assert list(Org(FixedTokens(Grant("token", url))).query("SELECT Id FROM Account")) == [{"Id": "1"}]
    assert server.org.log.entries == []
    assert len(seen) == 2


DEEP = b"[" * 60_000


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b'"x"', b'{"records": 1, "done": true}', b'{"records": [1], "done": true}',
             b'{"records": [], "done": true}', b'{"records": []}', DEEP, b"\xff\xfe"],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_an_organisation_that_answers_otherwise_is_no_crash(answering, body):
    url, answers, _ = answering
    answers += [(200, {}, body)] * 4
    with pytest.raises(errors.SalesforceError, match="answer"):
        Org(FixedTokens(Grant("token", url)), lambda seconds: None).organisation()


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b"7", DEEP, b'{"access_token": ["t"], "instance_url": {}}',
             b'{"access_token": "a\\nb", "instance_url": "https://a.example"}',
             b'{"access_token": "", "instance_url": "https://a.example"}'],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_a_sign_in_that_is_answered_otherwise_is_no_crash(answering, body):
    url, answers, _ = answering
    answers.append((200, {}, body))
    with pytest.raises(errors.SignInRefused, match="does not answer like Salesforce"):
        sign_in(ByCredentials(url, "id", "secret"))


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 418, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        b"<title>wiki</title>",
        b"-ERR wiki",
        b'{"error": "wiki <b>", "error_description": "wiki"}',
        b'{"error": "invalid_grant", "error_description": "wiki"}',
        b'[{"errorCode": "WIKI", "message": "wiki"}]',
    ],
)
def test_a_sign_in_repeats_no_word_of_a_stranger(answering, status, body):
    url, answers, _ = answering
    answers.append((status, {"X": "wiki"}, body))
    with pytest.raises(errors.SalesforceError) as caught:
        sign_in(ByCredentials(url, "id", "secret"))
    assert "wiki" not in str(caught.value).lower()


def test_every_refusal_that_salesforce_knows_is_said_in_words_of_ours(answering):
    url, answers, _ = answering
    for code in {known.code for known in refusals.KNOWN.values()}:
        answers.append((400, {}, json.dumps({"error": code, "error_description": "theirs"}).encode()))
        with pytest.raises(errors.SignInRefused) as caught:
            sign_in(ByCredentials(url, "id", "secret"))
        assert (caught.value.code, "theirs" in str(caught.value)) == (code, False)


def test_connecting_learns_nothing_of_this_network(bound, settings, server):
    """It is no port scanner: all of these are one refusal, before anything is sent."""
    settings.OUTGOING_ALLOWED = ()
    for host in ("127.0.0.1:9", server.url[7:], "localhost:22", "10.255.255.1", "169.254.169.254", "[::1]"):
        with pytest.raises(Refused, match="may not be called from here: it is not on the public internet"):
            setup_service.connect(login_url=f"https://{host}", client_id="a", client_secret="b")
    assert server.org.log.entries == []
    assert not Connection.objects.exists()


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
