"""Which path means what, from the token endpoint to the last resource."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from prm.sandbox import composite, rest_collections, rest_rows, tooling
from prm.sandbox.errors import OAuthError, SandboxError, not_found
from prm.sandbox.messages import Call, Request, Response, error_response
from prm.sandbox.query import PAGE, next_page, run_query

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

FIRST_VERSION, RETIRED_BELOW, LAST_VERSION = 20, 31, 68
_VERSIONED = re.compile(r"/services/data/v(\d\d\.\d)(/.*)?\Z")
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
Handler = Callable[..., Response]


def _query(call: Call, *, all_rows: bool = False) -> Response:
    soql = call.request.query.get("q")
    if not soql:
        raise SandboxError("MALFORMED_QUERY", "A query string has to be specified")
    asked = _BATCH.search(call.request.headers.get("sforce-query-options", ""))
    batch = int(asked.group(1)) if asked else PAGE
    body = run_query(call.org, call.person, soql, base=call.base, batch=batch, all_rows=all_rows)
    call.records = len(body["records"])
    return Response(200, body)


def _query_all(call: Call) -> Response:
    return _query(call, all_rows=True)


def _next_page(call: Call, locator: str) -> Response:
    body = next_page(call.org, call.person, locator, base=call.base)
    call.records = len(body["records"])
    return Response(200, body)


def _resources(call: Call) -> Response:
    names = ("sobjects", "query", "queryAll", "composite", "limits", "tooling")
    return Response(200, {name: f"{call.base}/{name}" for name in names})


def _limits(call: Call) -> Response:
    usage = call.org.usage
    remaining = max(0, usage.limit - usage.used)
    body = {"DailyApiRequests": {"Max": usage.limit, "Remaining": remaining}}
    for name in ("DailyBulkApiBatches", "DailyBulkV2QueryJobs", "DataStorageMB", "FileStorageMB"):
        body[name] = {"Max": 10_000, "Remaining": 10_000}
    return Response(200, body)


def _route(
    method: str, pattern: str, name: str, handler: Handler
) -> tuple[str, re.Pattern[str], str, Handler]:
    return method, re.compile(pattern.replace("{}", "([^/]+)") + r"/?\Z"), name, handler


# In order: the first that fits answers. The name is the endpoint in the journal.
_ROUTES = [
    _route("GET", r"", "resources", _resources),
    _route("GET", r"/limits", "limits", _limits),
    _route("GET", r"/query", "query", _query),
    _route("GET", r"/queryAll", "queryAll", _query_all),
    _route("GET", r"/query(?:All)?/{}", "query more", _next_page),
    _route("GET", r"/sobjects", "describe global", rest_rows.describe_global),
    _route("GET", r"/sobjects/{}/describe", "describe", rest_rows.describe),
    _route("GET", r"/sobjects/{}/updated", "updated", rest_rows.updated),
    _route("GET", r"/sobjects/{}/deleted", "deleted", rest_rows.deleted),
    _route("GET", r"/sobjects/{}", "object info", rest_rows.object_info),
    _route("POST", r"/sobjects/{}", "create", rest_rows.create),
    _route("POST", r"/sobjects/{}/Id", "create", rest_rows.upsert_by_nothing),
    _route("GET", r"/sobjects/{}/{}", "read", rest_rows.read),
    _route("PATCH", r"/sobjects/{}/{}", "update", rest_rows.update),
    _route("DELETE", r"/sobjects/{}/{}", "delete", rest_rows.delete),
    _route("GET", r"/sobjects/{}/{}/{}", "read by key", rest_rows.read_by_key),
    _route("PATCH", r"/sobjects/{}/{}/{}", "upsert", rest_rows.upsert_by_key),
    _route("DELETE", r"/sobjects/{}/{}/{}", "delete by key", rest_rows.delete_by_key),
    _route("POST", r"/composite", "composite", composite.run),
    _route("POST", r"/composite/sobjects", "collections create", rest_collections.create),
    _route("PATCH", r"/composite/sobjects", "collections update", rest_collections.update),
    _route("DELETE", r"/composite/sobjects", "collections delete", rest_collections.delete),
    _route("PATCH", r"/composite/sobjects/{}/{}", "collections upsert", rest_collections.upsert),
    _route("GET", r"/composite/sobjects/{}", "collections retrieve", rest_collections.retrieve),
    _route("POST", r"/composite/sobjects/{}", "collections retrieve", rest_collections.retrieve),
    _route("GET", r"/tooling/query", "tooling query", tooling.query),
    _route("POST", r"/tooling/sobjects/{}", "tooling create", tooling.create),
    _route("GET", r"/tooling/sobjects/{}/{}", "tooling read", tooling.read),
    _route("PATCH", r"/tooling/sobjects/{}/{}", "tooling update", tooling.change),
    _route("DELETE", r"/tooling/sobjects/{}/{}", "tooling delete", tooling.delete),
]


def find_route(method: str, rest: str) -> tuple[str, Handler | None, list[str]]:
    """Endpoint name, handler and path parts for a path below the version; the handler is None for none."""
    known = False
    for verb, pattern, name, handler in _ROUTES:
        found = pattern.match(rest)
        if found:
            known = True
            if verb == method:
                return name, handler, [unquote(part) for part in found.groups()]
    return ("method not allowed" if known else "unknown"), None, []


def split_version(path: str) -> tuple[str, str] | None:
    """Version and the rest of a data path; None for any other path."""
    found = _VERSIONED.match(path)
    return (found.group(1), (found.group(2) or "").rstrip("/")) if found else None


def run_call(call: Call) -> Response:
    """Answer an authenticated call; every refusal becomes its error body."""
    versioned = split_version(call.request.path)
    name, handler, parts = find_route(call.request.method, versioned[1] if versioned else "?")
    if handler is None:
        refusal = SandboxError(
            "METHOD_NOT_ALLOWED", f"HTTP Method '{call.request.method}' not allowed", status=405
        )
        return error_response(refusal if name == "method not allowed" else not_found())
    try:
        return handler(call, *parts)
    except SandboxError as error:
        return error_response(error)


composite.connect(run_call)


def endpoint_of(request: Request) -> str:
    """The journal's name for what a request asks."""
    versioned = split_version(request.path)
    if versioned:
        return find_route(request.method, versioned[1])[0]
    if request.path.startswith("/services/oauth2/"):
        return request.path.removeprefix("/services/oauth2/")
    return "versions" if request.path.rstrip("/") == "/services/data" else "unknown"


def object_of(request: Request) -> str:
    """The object a request is about, as far as its address or body says; else an empty text."""
    found = re.search(r"/sobjects/([A-Za-z0-9_]+)", request.path)
    if found:
        return found.group(1)
    queried = re.search(r"\bFROM\s+([A-Za-z0-9_]+)", request.query.get("q", ""), re.IGNORECASE)
    if queried:
        return queried.group(1)
    typed = re.search(rb'"type"\s*:\s*"([A-Za-z0-9_]+)"', request.body[:100_000])
    return typed.group(1).decode() if typed else ""


def oauth(org: SandboxOrg, request: Request, instance_url: str) -> Response:
    """/services/oauth2: token, revoke, userinfo."""
    try:
        return _oauth(org, request, instance_url)
    except OAuthError as error:
        return Response(error.status, error.as_body())
    except SandboxError as error:
        return error_response(error)


def _oauth(org: SandboxOrg, request: Request, instance_url: str) -> Response:
    name = request.path.removeprefix("/services/oauth2/").rstrip("/")
    authorization = request.headers.get("authorization", "")
    if name == "token" and request.method == "POST":
        return Response(200, org.sessions.grant(request.form(), authorization, instance_url))
    if name == "revoke":
        if not org.sessions.revoke(request.form().get("token") or request.query.get("token", "")):
            raise OAuthError("unsupported_token_type", "this token type is not supported")
        return Response(200)
    if name == "userinfo":
        return Response(200, _userinfo(org, authorization))
    raise not_found()


def _userinfo(org: SandboxOrg, authorization: str) -> dict[str, object]:
    person = org.sessions.person(authorization)
    user = org.store.get(org.entities["user"], person.id) or {}
    return {
        "sub": f"{org.organization_id}/{person.id}",
        "user_id": person.id,
        "organization_id": org.organization_id,
        "preferred_username": user.get("Username"),
        "name": user.get("Name"),
        "email": user.get("Email"),
    }


def answer(org: SandboxOrg, request: Request, instance_url: str) -> tuple[Response, Call | None]:
    """Answer any API request, faults left aside. The call is given back for the journal."""
    if request.path.startswith("/services/oauth2/"):
        return oauth(org, request, instance_url), None
    if request.path.rstrip("/") == "/services/data":
        versions = [
            {"label": f"Release {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(RETIRED_BELOW, LAST_VERSION + 1)
        ]
        return Response(200, versions), None
    versioned = split_version(request.path)
    if versioned is None:
        return error_response(not_found()), None
    version = float(versioned[0])
    if not FIRST_VERSION < version <= LAST_VERSION:
        return error_response(not_found()), None
    if version < RETIRED_BELOW:
        retired = SandboxError("UNSUPPORTED_API_VERSION", f"API version {version} is retired", status=410)
        return error_response(retired), None
    return _authenticated(org, request, version)


def _authenticated(org: SandboxOrg, request: Request, version: float) -> tuple[Response, Call | None]:
    try:
        person = org.sessions.person(request.headers.get("authorization", ""))
    except SandboxError as error:
        return error_response(error), None
    if org.usage.exhausted:
        refusal = SandboxError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        return error_response(refusal), None
    org.usage.count()
    call = Call(org, person, request, version)
    # One call at a time: schema, rights and rows then belong together.
    with org.store.lock:
        return run_call(call), call
