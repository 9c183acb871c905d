"""A request and its answer, free of sockets, so that composite can nest them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal, NoReturn
from urllib.parse import parse_qsl

from prm.sandbox.kit.clock import parse_stamp
from prm.sandbox.kit.errors import SandboxError, json_error
from prm.sandbox.kit.types import Json, JsonObject


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


@dataclass(slots=True)
class Request:
    """What was asked. `path` is still percent-encoded; header names are lower case.

    `instance_url` is the address of the org it was asked of.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    instance_url: str = ""

    def json(self) -> Json:
        """Return the JSON body; JSON_PARSER_ERROR when it is none."""
        if not self.body:
            raise json_error("No content to map to Object due to end of input")
        try:
            body: Json = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise json_error(f"Unexpected content: {error}") from None
        return body

    def json_object(self) -> JsonObject:
        """Return the JSON body, which has to be an object."""
        body = self.json()
        if not isinstance(body, dict):
            raise json_error("Cannot deserialize instance of SObject from START_ARRAY value")
        return body

    def form(self) -> dict[str, str]:
        """Return the fields of a form-encoded body; of several with one name the last."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    def flag(self, name: str) -> bool:
        """Return a true/false query parameter."""
        return self.query.get(name, "").lower() == "true"

    def names(self, name: str) -> list[str]:
        """Return the entries of a query parameter separated by commas."""
        return [each.strip() for each in self.query.get(name, "").split(",") if each.strip()]

    def _since(self, header: str) -> dt.datetime | None:
        text = self.headers.get(header)
        if text is None:
            return None
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            raise SandboxError("MALFORMED_HEADER", f"{header}: not a valid HTTP date: {text}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)

    def is_unmodified(self, stamp: str) -> bool:
        """Tell whether `If-Modified-Since` says that the asker has what was stamped then."""
        since = self._since("if-modified-since")
        return since is not None and parse_stamp(stamp) <= since

    def guard(self, stamp: str) -> None:
        """Refuse to go on when the stamp is younger than `If-Unmodified-Since`, in whole seconds."""
        since = self._since("if-unmodified-since")
        if since is not None and parse_stamp(stamp) > since:
            raise SandboxError(
                "PRECONDITION_FAILED", "The record has been modified since the given date", status=412
            )


@dataclass(slots=True)
class Response:
    """What is answered. `body` is JSON, bytes or None (no content).

    `sent` says how much of it reaches the asker before the connection is cut.
    """

    status: int = 200
    body: Json | bytes = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    sent: Literal["all", "half", "nothing"] = "all"

    def payload(self) -> bytes:
        """Return the body as it travels."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


def error_response(error: SandboxError) -> Response:
    """Return the answer of a whole request that was refused."""
    return Response(error.status, error.as_rest())
