"""Paths of describe."""

from __future__ import annotations

from prm.sandbox.describe.responses import Describe
from prm.sandbox.routing.models import Route


def routes(describe: Describe) -> list[Route]:
    """Return what answers below a version."""
    return [
        Route("GET", "/sobjects", "describe global", describe.all_objects),
        Route("GET", "/sobjects/{}", "object info", describe.info),
        Route("GET", "/sobjects/{}/describe", "describe", describe.describe),
    ]
