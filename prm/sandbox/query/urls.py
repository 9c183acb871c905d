"""Paths of queries."""

from __future__ import annotations

from prm.sandbox.query.responses import QueryResponses
from prm.sandbox.routing.models import Route


def routes(queries: QueryResponses) -> list[Route]:
    """Return what answers below a version."""
    return [
        Route("GET", "/query", "query", queries.query),
        Route("GET", "/queryAll", "queryAll", queries.query_all),
        Route("GET", "/query/{}", "query more", queries.more),
        Route("GET", "/queryAll/{}", "query more", queries.more),
        Route("GET", "/tooling/query", "tooling query", queries.tooling),
    ]
