"""Queries over HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.messages import Response
from prm.sandbox.kit.types import JsonObject, as_list, as_object
from prm.sandbox.query.service import PAGE, Queries
from prm.sandbox.routing.models import Call

_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def _soql(call: Call) -> str:
    soql = call.request.query.get("q")
    if not soql:
        raise SandboxError("MALFORMED_QUERY", "A query string has to be specified")
    return soql


def _answer(call: Call, body: JsonObject) -> Response:
    call.records = len(as_list(body["records"]))
    return Response(200, body)


@dataclass(frozen=True, slots=True)
class QueryResponses:
    """Answers queries and asks for further pages."""

    queries: Queries

    def query(self, call: Call) -> Response:
        """Answer a query of living records."""
        return self._first(call, all_rows=False)

    def query_all(self, call: Call) -> Response:
        """Answer a query that includes the recycle bin."""
        return self._first(call, all_rows=True)

    def _first(self, call: Call, *, all_rows: bool) -> Response:
        asked = _BATCH.search(call.request.headers.get("sforce-query-options", ""))
        batch = int(asked.group(1)) if asked else PAGE
        body = self.queries.run(call.person, _soql(call), base=call.base, batch=batch, all_rows=all_rows)
        return _answer(call, body)

    def more(self, call: Call, locator: str) -> Response:
        """Answer a further page."""
        return _answer(call, self.queries.next_page(call.person, locator, base=call.base))

    def tooling(self, call: Call) -> Response:
        """Answer a query of the catalogue: CustomField, CustomObject, EntityDefinition, FieldDefinition."""
        body = self.queries.run(call.person, _soql(call), base=call.base, tooling=True)
        records = as_list(body["records"])
        first = as_object(records[0]) if records else {}
        body |= {"entityTypeName": as_object(first.get("attributes")).get("type"), "size": len(records)}
        return _answer(call, body)
