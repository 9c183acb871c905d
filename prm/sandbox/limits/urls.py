"""Paths of versions, resources and limits."""

from __future__ import annotations

from prm.sandbox.limits.responses import Limits
from prm.sandbox.routing.models import Route


def open_routes(limits: Limits) -> list[Route]:
    """Return what answers without a token."""
    return [Route("GET", "/services/data", "versions", limits.versions)]


def routes(limits: Limits) -> list[Route]:
    """Return what answers below a version."""
    return [
        Route("GET", "", "resources", limits.resources),
        Route("GET", "/limits", "limits", limits.limits),
        Route("GET", "/connect/organization", "organization", limits.organization),
    ]
