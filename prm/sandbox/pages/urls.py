"""Paths of the pages, below the org's own."""

from __future__ import annotations

from prm.sandbox.pages.responses import Pages
from prm.sandbox.routing.models import Route


def routes(pages: Pages) -> list[Route]:
    """Return what answers a person."""
    return [
        Route("*", "/", "home", pages.home),
        Route("*", "/style.css", "style", pages.style),
        Route("*", "/{}", "records", pages.records),
        Route("*", "/{}/{}", "record", pages.record),
    ]
