"""Answering API requests: versions, tokens, the daily allocation, faults and the journal."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from prm.sandbox.api.models import Entry, Journal
from prm.sandbox.faults.errors import limit_exceeded
from prm.sandbox.faults.models import FaultPlan, Rule
from prm.sandbox.faults.responses import answer_of, cut, delay_of
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import SandboxError, not_found
from prm.sandbox.kit.messages import Request, Response, error_response
from prm.sandbox.kit.types import as_list, as_object, text_or_empty
from prm.sandbox.limits.models import FIRST_VERSION, LAST_VERSION, RETIRED_BELOW, Usage
from prm.sandbox.oauth.service import Sessions
from prm.sandbox.routing.models import Call, Router
from prm.sandbox.store.models import Store

_VERSIONED = re.compile(r"/services/data/v(\d\d\.\d)(/.*)?\Z")


def object_of(request: Request) -> str:
    """Return the object a request is about, as far as its address or body says; else an empty text."""
    found = re.search(r"/sobjects/([A-Za-z0-9_]+)", request.path)
    if found:
        return found.group(1)
    queried = re.search(r"\bFROM\s+([A-Za-z0-9_]+)", request.query.get("q", ""), re.IGNORECASE)
    if queried:
        return queried.group(1)
    typed = re.search(rb'"type"\s*:\s*"([A-Za-z0-9_]+)"', request.body[:100_000])
    return typed.group(1).decode() if typed else ""


def _inner(request: Request) -> list[Request]:
    """Return the requests within a composite, so that faults meet them too; none of any other request."""
    if request.method != "POST" or not request.path.rstrip("/").endswith("/composite"):
        return []
    try:
        parts = as_list(request.json_object().get("compositeRequest"))
    except SandboxError:
        return []
    found: list[Request] = []
    for part in map(as_object, parts):
        target = urlsplit(text_or_empty(part.get("url")))
        method, query = text_or_empty(part.get("method")).upper(), dict(parse_qsl(target.query))
        found.append(Request(method, target.path, query, {}, json.dumps(part.get("body")).encode()))
    return found


def _split_version(path: str) -> tuple[float, str] | None:
    """Return version and rest of a data path; None for any other path."""
    found = _VERSIONED.match(path)
    return (float(found.group(1)), (found.group(2) or "").rstrip("/")) if found else None


def _unsupported(version: float) -> SandboxError | None:
    if not FIRST_VERSION < version <= LAST_VERSION:
        return not_found()
    if version < RETIRED_BELOW:
        return SandboxError("UNSUPPORTED_API_VERSION", f"API version {version} is retired", status=410)
    return None


class Calls:
    """Answers authenticated calls; every refusal becomes its error body."""

    def __init__(self) -> None:
        self.router = Router()

    def answer(self, call: Call) -> Response:
        """Answer one call."""
        versioned = _split_version(call.request.path)
        found = self.router.find(call.request.method, versioned[1] if versioned else "?")
        try:
            if found.handler is not None:
                return found.handler(call, *found.parts)
        except SandboxError as error:
            return error_response(error)
        if not found.wrong_method:
            return error_response(not_found())
        message = f"HTTP Method '{call.request.method}' not allowed"
        return error_response(SandboxError("METHOD_NOT_ALLOWED", message, status=405))


@dataclass(frozen=True, slots=True)
class Api:
    """Answers whatever is asked below `/services`. `open` are the routes that need no token."""

    store: Store
    clock: Clock
    sessions: Sessions
    usage: Usage
    faults: FaultPlan
    log: Journal
    open: Router
    calls: Calls

    async def answer(self, request: Request) -> Response:
        """Answer a request, or fail to where a fault says so, and note it."""
        started = time.perf_counter()
        about = object_of(request)
        struck = self.faults.for_request(request.method, request.path, about)
        for part in _inner(request):
            struck += self.faults.for_request(part.method, part.path, object_of(part))
        rules = {rule.kind: rule for rule in struck}
        await asyncio.sleep(delay_of(rules, "before"))
        stamp = self.clock.stamp()
        call, response = self._respond(request, rules)
        await asyncio.sleep(delay_of(rules, "after"))
        cut(response, rules)
        entry: Entry = {
            "at": stamp,
            "method": request.method,
            "path": request.path,
            "endpoint": self._endpoint(request),
            "object": about,
            "records": call.records if call else 0,
            "status": response.status,
            "faults": [rule.kind for rule in struck],
            "ms": round((time.perf_counter() - started) * 1000, 1),
        }
        if call:
            entry["keys"] = call.keys
            entry["parts"] = [
                {
                    "method": part.request.method,
                    "endpoint": self._endpoint(part.request),
                    "object": object_of(part.request),
                    "records": part.records,
                }
                for part in call.parts
            ]
        self.log.add(entry)
        response.headers = {
            "Date": self.clock.http_date(),
            "Sforce-Limit-Info": self.usage.header(),
            **response.headers,
        }
        return response

    def _respond(self, request: Request, rules: dict[str, Rule]) -> tuple[Call | None, Response]:
        if "token_death" in rules:
            self.sessions.revoke(request.headers.get("authorization", "").partition(" ")[2].strip())
        faulty = answer_of(rules)
        if faulty is not None:
            return None, faulty
        try:
            return self._work(request)
        except SandboxError as error:
            return None, error_response(error)
        except Exception as error:  # noqa: BLE001 - the client must get an answer whatever breaks here
            message = f"An unexpected error occurred: {error!r}"
            return None, error_response(SandboxError("UNKNOWN_EXCEPTION", message, status=500))

    def _work(self, request: Request) -> tuple[Call | None, Response]:
        versioned = _split_version(request.path)
        if versioned is None:
            found = self.open.find(request.method, request.path)
            if found.handler is None:
                raise not_found()
            return None, found.handler(request, *found.parts)
        refusal = _unsupported(versioned[0])
        if refusal:
            raise refusal
        person = self.sessions.person(request.headers.get("authorization", ""))
        if self.usage.exhausted:
            raise limit_exceeded()
        self.usage.count()
        call = Call(person, request, versioned[0])
        # Tests write to the same file from threads of their own.
        with self.store.lock:
            return call, self.calls.answer(call)

    def _endpoint(self, request: Request) -> str:
        """Return the journal's name for what a request asks."""
        versioned = _split_version(request.path)
        if versioned:
            return self.calls.router.find(request.method, versioned[1]).name
        return self.open.find(request.method, request.path).name
