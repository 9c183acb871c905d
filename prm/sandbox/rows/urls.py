"""Paths of single records."""

from __future__ import annotations

from prm.sandbox.routing.models import Route
from prm.sandbox.rows.responses import Rows


def routes(rows: Rows) -> list[Route]:
    """Return what answers below a version. The paths of `describe` and `replication` come before."""
    return [
        Route("POST", "/sobjects/{}", "create", rows.create),
        Route("POST", "/sobjects/{}/Id", "create", rows.upsert_by_nothing),
        Route("GET", "/sobjects/{}/{}", "read", rows.read),
        Route("PATCH", "/sobjects/{}/{}", "update", rows.update),
        Route("DELETE", "/sobjects/{}/{}", "delete", rows.delete),
        Route("GET", "/sobjects/{}/{}/{}", "read by key", rows.read_by_key),
        Route("PATCH", "/sobjects/{}/{}/{}", "upsert", rows.upsert),
        Route("DELETE", "/sobjects/{}/{}/{}", "delete by key", rows.delete_by_key),
    ]
