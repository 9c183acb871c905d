"""Paths of collections."""

from __future__ import annotations

from prm.sandbox.collections.responses import Collections
from prm.sandbox.routing.models import Route


def routes(collections: Collections) -> list[Route]:
    """Return what answers below a version."""
    return [
        Route("POST", "/composite/sobjects", "collections create", collections.create),
        Route("PATCH", "/composite/sobjects", "collections update", collections.update),
        Route("DELETE", "/composite/sobjects", "collections delete", collections.delete),
        Route("PATCH", "/composite/sobjects/{}/{}", "collections upsert", collections.upsert),
        Route("GET", "/composite/sobjects/{}", "collections retrieve", collections.retrieve),
        Route("POST", "/composite/sobjects/{}", "collections retrieve", collections.retrieve),
    ]
