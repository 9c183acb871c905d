"""HTTP: one thread per connection, keep-alive, one write per answer, loopback only."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from prm.sandbox import control, pages
from prm.sandbox.auth import basic_credentials
from prm.sandbox.errors import SandboxError, not_found
from prm.sandbox.faults import FaultPlan, Rule
from prm.sandbox.messages import Request, Response, error_response
from prm.sandbox.org import SandboxOrg
from prm.sandbox.routes import answer, endpoint_of, object_of

MAX_HEAD, MAX_BODY = 16_384, 50_000_000
REASONS = {status.value: status.phrase for status in HTTPStatus}
_BUSY = (
    b"<html><head><title>Service Unavailable</title></head><body><h1>We are down for maintenance.</h1>"
    b"<p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>"
)


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: SandboxServer) -> None:
        self.owner = owner
        self.open_connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 300
    server: _Http

    def setup(self) -> None:
        super().setup()
        self.server.open_connections.add(self.connection)

    def finish(self) -> None:
        self.server.open_connections.discard(self.connection)
        super().finish()

    def log_message(self, *_: Any) -> None:
        """The journal has it; standard error stays quiet."""

    def __getattr__(self, name: str) -> Any:
        # The base class looks for do_GET, do_PATCH and so on: all are served alike.
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        refusal = self._unacceptable()
        if refusal:
            self.close_connection = True
            self._send(refusal)
            return
        length = int(self.headers.get("Content-Length") or 0)
        target = urlsplit(self.path)
        request = Request(
            self.command,
            target.path,
            dict(parse_qsl(target.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )
        self._dispatch(request)

    def _unacceptable(self) -> Response | None:
        # A foreign Host is a page elsewhere that had its name resolved to this machine.
        if not is_loopback(urlsplit("//" + self.headers.get("Host", "localhost")).hostname or ""):
            return Response(421, b"This sandbox org answers to loopback names only.", {}, "text/plain")
        uri = len(self.requestline)
        if uri > MAX_HEAD:
            return Response(414, b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", {}, "text/html")
        if uri + len(str(self.headers)) > MAX_HEAD:
            text = b"<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"
            return Response(431, text, {}, "text/html")
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > MAX_BODY or "Transfer-Encoding" in self.headers:
            return Response(413, b"<h1>Bad Message 413</h1>", {}, "text/html")
        return None

    def _dispatch(self, request: Request) -> None:
        owner = self.server.owner
        if request.path.startswith("/__sandbox__/"):
            self._send(control.answer(owner.chosen(request), request))
            return
        found = owner.find(request)
        if found is None:
            self._send(error_response(not_found()))
            return
        org, rest = found
        request.path = rest
        if rest.startswith("/__sandbox__/"):
            self._send(control.answer([org], request))
        elif rest.startswith("/services/"):
            self._api(org, request)
        else:
            with org.store.lock:
                response = pages.answer(org, request, f"/{org.name}")
            self._send(response, org)

    # API calls and their faults

    def _api(self, org: SandboxOrg, request: Request) -> None:
        started = time.perf_counter()
        about = object_of(request)
        rules = org.faults.for_request(request.method, request.path, about)
        kinds = {rule.kind: rule for rule in rules}
        _wait(kinds, "before")
        entry: dict[str, Any] = {
            "at": org.clock.stamp(),
            "method": request.method,
            "path": request.path,
            "endpoint": endpoint_of(request),
            "object": about,
            "records": 0,
        }
        response = None if "lose_before" in kinds else _faulty(org, request, kinds)
        if response is None and "lose_before" not in kinds:
            response, call = self._answer(org, request)
            if call is not None:
                entry |= {"records": call.records, "keys": call.keys}
        _wait(kinds, "after")
        entry |= {"status": response.status if response else 0, "faults": [rule.kind for rule in rules]}
        entry["ms"] = round((time.perf_counter() - started) * 1000, 1)
        org.log.add(entry)
        if response is None or "lose_after" in kinds:
            self._hang_up()
        else:
            self._send(response, org, half="truncate" in kinds)

    def _answer(self, org: SandboxOrg, request: Request) -> tuple[Response, Any]:
        try:
            return answer(org, request, self.server.owner.url_of(org))
        except Exception as error:  # the client must get an answer whatever breaks here
            unknown = SandboxError(
                "UNKNOWN_EXCEPTION", f"An unexpected error occurred: {error!r}", status=500
            )
            return error_response(unknown), None

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, response: Response, org: SandboxOrg | None = None, *, half: bool = False) -> None:
        payload = response.payload()
        headers = {"Content-Type": response.content_type} if payload else {}
        if org is not None:
            headers |= {"Date": org.clock.http_date(), "Sforce-Limit-Info": org.usage.header()}
        headers |= response.headers
        if response.status not in (204, 304):
            headers["Content-Length"] = str(len(payload))
        if self.close_connection or half:
            headers["Connection"] = "close"
            self.close_connection = True
        reason = REASONS.get(response.status, "Status")
        lines = [
            f"HTTP/1.1 {response.status} {reason}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        payload = b"" if self.command == "HEAD" else payload[: len(payload) // 2] if half else payload
        # One write, so that no packet waits for an acknowledgement.
        self.wfile.write(head + payload)


def _wait(kinds: dict[str, Rule], moment: str) -> None:
    rule = kinds.get("delay")
    if rule and rule.options.get("when", "before") == moment:
        time.sleep(float(rule.options.get("seconds", 1)))


def _faulty(org: SandboxOrg, request: Request, kinds: dict[str, Rule]) -> Response | None:
    """The answer a fault gives in place of the org; None when the org shall answer."""
    if "token_death" in kinds:
        org.sessions.revoke(request.headers.get("authorization", "").partition(" ")[2].strip())
    if "html" in kinds:
        return Response(int(kinds["html"].options.get("status", 503)), _BUSY, {}, "text/html;charset=UTF-8")
    if "status" in kinds:
        options = kinds["status"].options
        body = options.get("body")
        headers = {str(name): str(value) for name, value in (options.get("headers") or {}).items()}
        if isinstance(body, str):
            return Response(int(options.get("status", 500)), body.encode(), headers, "text/plain")
        return Response(int(options.get("status", 500)), body, headers)
    for kind, message in (
        ("limit_daily", "TotalRequests Limit exceeded."),
        ("limit_concurrent", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    ):
        if kind in kinds:
            return error_response(SandboxError("REQUEST_LIMIT_EXCEEDED", message, status=403))
    return None


class SandboxServer:
    """Serves one or several orgs at ``http://host:port/<org name>``.

    ``port`` 0 picks a free one. ``start`` returns when it listens; use it in a ``with``
    block or call ``stop``. Refuses any address but loopback.
    """

    def __init__(self, *orgs: SandboxOrg, host: str = "127.0.0.1", port: int = 0) -> None:
        if not is_loopback(host):
            raise ValueError(f"the sandbox org listens on loopback only, not on {host}")
        self.orgs: Sequence[SandboxOrg] = orgs or (SandboxOrg(),)
        self._by_name = {org.name: org for org in self.orgs}
        self._http = _Http((host, port), self)
        self._host, self._port = host, int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def root(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def url(self) -> str:
        """The My Domain address of the first org: login URL and instance URL."""
        return self.url_of(self.orgs[0])

    @property
    def org(self) -> SandboxOrg:
        return self.orgs[0]

    @property
    def client_id(self) -> str:
        return self.org.client_id

    @property
    def client_secret(self) -> str:
        return self.org.client_secret

    @property
    def faults(self) -> FaultPlan:
        return self.org.faults

    def url_of(self, org: SandboxOrg) -> str:
        return f"{self.root}/{org.name}"

    def start(self) -> Self:
        """Begin to serve, in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, end open connections and close the orgs' files."""
        self._http.shutdown()
        self._http.server_close()
        for connection in list(self._http.open_connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for org in self.orgs:
            org.close()

    def __enter__(self) -> Self:
        return self if self._thread.is_alive() else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def find(self, request: Request) -> tuple[SandboxOrg, str] | None:
        """The org of a request and the path within it.

        Without an org's name in the path, its token or client id decides: Salesforce
        addresses have no path, and a client may join ``nextRecordsUrl`` to the host.
        """
        first, _, rest = request.path.removeprefix("/").partition("/")
        if first in self._by_name:
            return self._by_name[first], "/" + rest
        if not request.path.startswith("/services/"):
            return (self.org, request.path) if request.path == "/" and len(self.orgs) == 1 else None
        authorization = request.headers.get("authorization", "")
        form = request.form() if "form" in request.headers.get("content-type", "") else {}
        client_id = (basic_credentials(authorization) or (form.get("client_id"), ""))[0]
        for org in self.orgs:
            if org.sessions.knows(authorization) or client_id == org.client_id:
                return org, request.path
        return self.org, request.path

    def chosen(self, request: Request) -> list[SandboxOrg]:
        """The orgs a control request without an org in its path is meant for."""
        name = request.query.get("org")
        return [org for org in self.orgs if name is None or org.name == name]


def ready_line(server: SandboxServer, org: SandboxOrg) -> str:
    """What a person or a parent process waits for."""
    return f"sandbox org ready on {server.url_of(org)} (org {org.organization_id}, client id {org.client_id})"


def facts(server: SandboxServer) -> str:
    """The same for machines: one JSON object."""
    orgs = [
        {
            "name": org.name,
            "url": server.url_of(org),
            "organization_id": org.organization_id,
            "client_id": org.client_id,
        }
        for org in server.orgs
    ]
    return json.dumps({"url": server.root, "orgs": orgs})
