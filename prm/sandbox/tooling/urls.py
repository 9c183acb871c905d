"""Paths of the catalogue."""

from __future__ import annotations

from prm.sandbox.routing.models import Route
from prm.sandbox.tooling.responses import Tooling


def routes(tooling: Tooling) -> list[Route]:
    """Return what answers below a version; `query` has the catalogue's queries."""
    return [
        Route("POST", "/metadata/deployRequest", "deploy", tooling.deploy),
        Route("GET", "/metadata/deployRequest/{}", "deployment", tooling.deployment),
        Route("POST", "/tooling/sobjects/{}", "tooling create", tooling.create),
        Route("GET", "/tooling/sobjects/{}/{}", "tooling read", tooling.read),
        Route("PATCH", "/tooling/sobjects/{}/{}", "tooling update", tooling.change),
        Route("DELETE", "/tooling/sobjects/{}/{}", "tooling delete", tooling.delete),
    ]
