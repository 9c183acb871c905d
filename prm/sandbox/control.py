"""/__sandbox__/: what a test or a demonstrator may do to an org from outside its API.

GET/POST/DELETE faults     list, add (one rule or a list), clear (?number=n)
GET/DELETE log             requests so far (?since=n), clear
GET/POST clock             {"advance": s, "freeze": true|stamp, "run": true, "date_skew": s, "reset": true}
POST change                one or a list of changes by the administrator, see ``change``
POST settings              {"daily_limit": n, "per_app": true}
POST sessions              {"end": "all"}
POST cursors               {"expire": "all"}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prm.sandbox import recycle
from prm.sandbox.clock import stamp_text
from prm.sandbox.dml import Writer
from prm.sandbox.errors import SandboxError
from prm.sandbox.faults import BadRule
from prm.sandbox.messages import Request, Response, error_response
from prm.sandbox.org import SandboxOrg
from prm.sandbox.values import parse_moment


def answer(orgs: list[SandboxOrg], request: Request) -> Response:
    """Answer a control request for these orgs: one answer for one org, a map by name for several."""
    name = request.path.removeprefix("/__sandbox__/").strip("/")
    handler = _HANDLERS.get(name)
    if handler is None or not orgs:
        return Response(404, {"error": f"no control {name!r} here; known: {', '.join(sorted(_HANDLERS))}"})
    try:
        answers = {org.name: _locked(handler, org, request) for org in orgs}
    except SandboxError as error:
        return error_response(error)
    except (BadRule, ValueError) as error:
        return Response(400, {"error": str(error)})
    return Response(200, next(iter(answers.values())) if len(answers) == 1 else answers)


def _locked(handler: Callable[[SandboxOrg, Request], Any], org: SandboxOrg, request: Request) -> Any:
    with org.store.lock:
        return handler(org, request)


def _list(request: Request) -> list[dict[str, Any]]:
    body = request.json()
    items = body if isinstance(body, list) else [body]
    if not all(isinstance(item, dict) for item in items):
        raise ValueError("an object or a list of objects is needed")
    return items


def _faults(org: SandboxOrg, request: Request) -> Any:
    if request.method == "DELETE":
        number = request.query.get("number")
        org.faults.clear(int(number) if number else None)
    elif request.method == "POST":
        for rule in _list(request):
            org.faults.add(**rule)
    return {"faults": org.faults.show()}


def _log(org: SandboxOrg, request: Request) -> Any:
    if request.method == "DELETE":
        org.log.clear()
    return org.log.report(since=int(request.query.get("since", 0)))


def _clock(org: SandboxOrg, request: Request) -> Any:
    if request.method == "POST":
        wanted = request.json_object()
        if wanted.get("reset"):
            org.clock.reset()
        if "advance" in wanted:
            org.clock.advance(float(wanted["advance"]))
        if "date_skew" in wanted:
            org.clock.skew_date_header(float(wanted["date_skew"]))
        if wanted.get("freeze"):
            org.clock.freeze(parse_moment(wanted["freeze"]))
        if wanted.get("run"):
            org.clock.run()
    return {"now": stamp_text(org.clock.now())}


def _settings(org: SandboxOrg, request: Request) -> Any:
    if request.method == "POST":
        wanted = request.json_object()
        org.usage.limit = int(wanted.get("daily_limit", org.usage.limit))
        org.usage.per_app = bool(wanted.get("per_app", org.usage.per_app))
    return {"daily_limit": org.usage.limit, "used": org.usage.used, "per_app": org.usage.per_app}


def _sessions(org: SandboxOrg, request: Request) -> Any:
    if request.method == "POST" and request.json_object().get("end") == "all":
        org.sessions.end_all()
    return {"ended": request.method == "POST"}


def _cursors(org: SandboxOrg, request: Request) -> Any:
    if request.method == "POST" and request.json_object().get("expire") == "all":
        org.cursors.expire_all()
    return {"expired": request.method == "POST"}


def _change(org: SandboxOrg, request: Request) -> Any:
    return {"results": [change(org, item) for item in _list(request)]}


def change(org: SandboxOrg, wanted: dict[str, Any]) -> dict[str, Any]:
    """Do what an administrator does in the user interface.

    ``op`` is create, update, delete, undelete, purge (hard delete), merge, empty_bin or
    running (hold latestDateCovered back by ``stamp_age`` seconds; 0 lets go). ``object``,
    ``id``, ``fields``, ``losers`` say what; ``stamp_age`` seconds make the stamps those of
    a transaction that began earlier. Raises SandboxError.
    """
    age = float(wanted.get("stamp_age", 0))
    writer = Writer(org, org.administrator, stamp_age=age)
    name, record_id = str(wanted.get("object", "")), str(wanted.get("id", ""))
    fields, operation = dict(wanted.get("fields") or {}), wanted.get("op", "update")
    if operation == "create":
        record_id = writer.insert(name, fields)
    elif operation == "update":
        writer.update(name, record_id, fields)
    elif operation == "delete":
        writer.delete(record_id)
    elif operation == "undelete":
        recycle.undelete(writer, record_id)
    elif operation == "purge":
        recycle.purge(writer, record_id)
    elif operation == "merge":
        recycle.merge(writer, record_id, [str(each) for each in wanted.get("losers", [])], fields)
    elif operation == "empty_bin":
        recycle.empty_bin(org)
    elif operation == "running":
        org.running_since = parse_moment(writer.stamp) if age else None
    else:
        raise ValueError(f"unknown op {operation!r}")
    return {"op": operation, "id": record_id or None}


_HANDLERS: dict[str, Callable[[SandboxOrg, Request], Any]] = {
    "faults": _faults,
    "log": _log,
    "clock": _clock,
    "settings": _settings,
    "sessions": _sessions,
    "cursors": _cursors,
    "change": _change,
}
