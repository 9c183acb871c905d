"""/composite: up to 25 requests in one, later ones using the results of earlier ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from prm.sandbox.errors import SandboxError, json_error
from prm.sandbox.messages import Call, Request, Response

MAX_REQUESTS, MAX_HEAVY = 25, 5
_REFERENCE = re.compile(r"@\{([A-Za-z][A-Za-z0-9_]*)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_runner: list[Callable[[Call], Response]] = []


class _RollBackError(Exception):
    """Leaves the transaction of an all-or-none composite."""


def connect(runner: Callable[[Call], Response]) -> None:
    """Say what answers a single call; the routes do, which import this module."""
    _runner[:] = [runner]


def run(call: Call) -> Response:
    """Answer a composite request; 200 whatever its parts did."""
    body = call.request.json_object()
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise json_error("compositeRequest: an array of objects is needed")
    if len(parts) > MAX_REQUESTS:
        raise SandboxError("LIMIT_EXCEEDED", f"A composite holds at most {MAX_REQUESTS} subrequests")
    if (
        sum("/query" in str(part.get("url")) or "/composite/" in str(part.get("url")) for part in parts)
        > MAX_HEAVY
    ):
        raise SandboxError("LIMIT_EXCEEDED", f"At most {MAX_HEAVY} subrequests may be queries or collections")
    answers: list[dict[str, Any]] = []
    try:
        with call.org.store.transaction():
            _run_parts(call, parts, answers)
            if body.get("allOrNone") is True and any(each["httpStatusCode"] >= 400 for each in answers):
                raise _RollBackError  # noqa: TRY301 - leaving the block is what rolls back
    except _RollBackError:
        call.org.permissions_changed()
        call.keys.clear()
        answers = [_halted(each) if each["httpStatusCode"] < 400 else each for each in answers]
    return Response(200, {"compositeResponse": answers})


def _run_parts(call: Call, parts: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    results: dict[str, Any] = {}
    for part in parts:
        reference = str(part.get("referenceId") or "")
        if not reference or reference in results:
            raise json_error("referenceId: each subrequest needs one of its own")
        try:
            response = _one(call, part, results)
        except KeyError as missing:
            text = f"Invalid reference specified. No value for {missing.args[0]} found"
            response = Response(400, SandboxError("PROCESSING_HALTED", text).as_rest())
        results[reference] = response.body if response.status < 400 else None
        answers.append(
            {
                "body": response.body,
                "httpHeaders": response.headers,
                "httpStatusCode": response.status,
                "referenceId": reference,
            }
        )


def _one(call: Call, part: dict[str, Any], results: dict[str, Any]) -> Response:
    target = urlsplit(_fill_text(str(part.get("url") or ""), results))
    body = part.get("body")
    headers = {str(name).lower(): str(value) for name, value in (part.get("httpHeaders") or {}).items()}
    request = Request(
        str(part.get("method") or "GET").upper(),
        target.path,
        dict(parse_qsl(target.query, keep_blank_values=True)),
        headers,
        json.dumps(_fill(body, results)).encode() if body is not None else b"",
    )
    inner = Call(call.org, call.person, request, call.version)
    response = _runner[0](inner)
    call.records += inner.records
    call.keys += inner.keys
    return response


def _halted(answer: dict[str, Any]) -> dict[str, Any]:
    error = SandboxError(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
    return {**answer, "body": error.as_rest(), "httpHeaders": {}, "httpStatusCode": 400}


def _look_up(reference: re.Match[str], results: dict[str, Any]) -> Any:
    """The earlier result a reference names; KeyError with the reference when there is none."""
    value: Any = results.get(reference.group(1))
    for step in _STEP.finditer(reference.group(2)):
        name, index = step.groups()
        try:
            value = value[name] if name is not None else value[int(index)]
        except (KeyError, IndexError, TypeError):
            raise KeyError(reference.group()) from None
    if value is None:
        raise KeyError(reference.group())
    return value


def _fill_text(text: str, results: dict[str, Any]) -> str:
    return _REFERENCE.sub(lambda found: str(_look_up(found, results)), text)


def _fill(value: Any, results: dict[str, Any]) -> Any:
    """The value with every reference in it replaced."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        return _look_up(whole, results) if whole else _fill_text(value, results)
    if isinstance(value, dict):
        return {key: _fill(each, results) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, results) for each in value]
    return value
