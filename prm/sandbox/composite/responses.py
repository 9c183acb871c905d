"""A composite and its parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from prm.sandbox.access.models import Access
from prm.sandbox.composite.references import UnknownReferenceError, fill, fill_text
from prm.sandbox.kit.errors import SandboxError, json_error
from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.kit.types import Json, JsonObject, as_object, text_or_empty
from prm.sandbox.routing.models import Call
from prm.sandbox.store.models import Store

MAX_REQUESTS, MAX_HEAVY = 25, 5


class _RollBackError(Exception):
    """Leaves the transaction of an all-or-none composite."""


def _parts(body: JsonObject) -> list[JsonObject]:
    parts = body.get("compositeRequest")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise json_error("compositeRequest: an array of objects is needed")
    if len(parts) > MAX_REQUESTS:
        raise SandboxError("LIMIT_EXCEEDED", f"A composite holds at most {MAX_REQUESTS} subrequests")
    heavy = sum("/query" in str(part.get("url")) or "/composite/" in str(part.get("url")) for part in parts)
    if heavy > MAX_HEAVY:
        raise SandboxError("LIMIT_EXCEEDED", f"At most {MAX_HEAVY} subrequests may be queries or collections")
    return parts


def _halted() -> Response:
    text = "The transaction was rolled back since another operation in the same transaction failed."
    return Response(400, SandboxError("PROCESSING_HALTED", text).as_rest())


def _shown(reference: str, response: Response) -> JsonObject:
    return {
        "body": None if isinstance(response.body, bytes) else response.body,
        "httpHeaders": response.headers,
        "httpStatusCode": response.status,
        "referenceId": reference,
    }


@dataclass(frozen=True, slots=True)
class Composite:
    """Answers composites; `answer` answers one call, as the front door does."""

    store: Store
    access: Access
    answer: Callable[[Call], Response]

    def run(self, call: Call) -> Response:
        """Answer a composite request; 200 whatever its parts did."""
        body = call.request.json_object()
        parts = _parts(body)
        answers: dict[str, Response] = {}
        try:
            with self.store.transaction():
                self._run_parts(call, parts, answers)
                if body.get("allOrNone") is True and any(each.status >= 400 for each in answers.values()):
                    raise _RollBackError  # noqa: TRY301 - leaving the block is what rolls back
        except _RollBackError:
            self.access.changed()
            call.keys.clear()
            answers = {name: each if each.status >= 400 else _halted() for name, each in answers.items()}
        return Response(200, {"compositeResponse": [_shown(*each) for each in answers.items()]})

    def _run_parts(self, call: Call, parts: list[JsonObject], answers: dict[str, Response]) -> None:
        results: dict[str, Json] = {}
        for part in parts:
            reference = text_or_empty(part.get("referenceId"))
            if not reference or reference in answers:
                raise json_error("referenceId: each subrequest needs one of its own")
            try:
                response = self._run_part(call, part, results)
            except UnknownReferenceError as missing:
                text = f"Invalid reference specified. No value for {missing} found"
                response = Response(400, SandboxError("PROCESSING_HALTED", text).as_rest())
            if response.status < 400 and not isinstance(response.body, bytes):
                results[reference] = response.body
            answers[reference] = response

    def _run_part(self, call: Call, part: JsonObject, results: dict[str, Json]) -> Response:
        target = urlsplit(fill_text(text_or_empty(part.get("url")), results))
        body, headers = part.get("body"), as_object(part.get("httpHeaders"))
        request = Request(
            (text_or_empty(part.get("method")) or "GET").upper(),
            target.path,
            dict(parse_qsl(target.query, keep_blank_values=True)),
            {name.lower(): str(value) for name, value in headers.items()},
            json.dumps(fill(body, results)).encode() if body is not None else b"",
        )
        inner = Call(call.person, request, call.version)
        response = self.answer(inner)
        call.records += inner.records
        call.keys += inner.keys
        call.parts.append(inner)
        return response
