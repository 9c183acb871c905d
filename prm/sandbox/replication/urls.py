"""Paths of updated and deleted records."""

from __future__ import annotations

from prm.sandbox.replication.responses import Replication
from prm.sandbox.routing.models import Route


def routes(replication: Replication) -> list[Route]:
    """Return what answers below a version."""
    return [
        Route("GET", "/sobjects/{}/updated", "updated", replication.updated),
        Route("GET", "/sobjects/{}/deleted", "deleted", replication.deleted),
    ]
