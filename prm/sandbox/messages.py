"""A request and its answer, free of sockets, so that composite can nest them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from prm.sandbox.errors import SandboxError, json_error

if TYPE_CHECKING:
    from prm.sandbox.access import Person
    from prm.sandbox.dml import Writer
    from prm.sandbox.org import SandboxOrg


@dataclass(slots=True)
class Request:
    """``path`` is decoded per segment by the routes; header names are lower case."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The JSON body; JSON_PARSER_ERROR when it is none."""
        if not self.body:
            raise json_error("No content to map to Object due to end of input")
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise json_error(f"Unexpected content: {error}") from None

    def json_object(self) -> dict[str, Any]:
        """The JSON body, which has to be an object."""
        body = self.json()
        if not isinstance(body, dict):
            raise json_error("Cannot deserialize instance of SObject from START_ARRAY value")
        return body

    def form(self) -> dict[str, str]:
        """The fields of a form-encoded body."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


@dataclass(slots=True)
class Response:
    """``body`` is JSON, bytes or None (no content)."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"

    def payload(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(slots=True)
class Call:
    """An authenticated API call: who asks which org for what, and what it wrote."""

    org: SandboxOrg
    person: Person
    request: Request
    version: float
    records: int = 0
    keys: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The version's path, as record URLs carry it."""
        return f"/services/data/v{self.version:.1f}"

    def writer(self) -> Writer:
        """A writer whose written records are noted in the journal."""
        from prm.sandbox.dml import Writer  # messages are imported by everything dml needs

        made = Writer(self.org, self.person)
        made.keys = self.keys
        return made

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A true/false query parameter."""
        return self.request.query.get(name, str(default)).lower() == "true"


def error_response(error: SandboxError) -> Response:
    """The answer of a whole request that was refused."""
    return Response(error.status, error.as_rest())
