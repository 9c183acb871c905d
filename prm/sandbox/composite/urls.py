"""The path of composite."""

from __future__ import annotations

from prm.sandbox.composite.responses import Composite
from prm.sandbox.routing.models import Route


def routes(composite: Composite) -> list[Route]:
    """Return what answers below a version."""
    return [Route("POST", "/composite", "composite", composite.run)]
