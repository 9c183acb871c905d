"""Paths of the pages, below the org's own."""

from __future__ import annotations

from prm.sandbox.pages.consent import Consent
from prm.sandbox.pages.responses import Pages
from prm.sandbox.routing.models import Route


def open_routes(consent: Consent) -> list[Route]:
    """Return what answers a person who was sent here by the app."""
    return [Route("*", "/services/oauth2/authorize", "authorize", consent.authorize)]


def routes(pages: Pages) -> list[Route]:
    """Return what answers a person."""
    return [
        Route("*", "/", "home", pages.home),
        Route("*", "/style.css", "style", pages.style),
        Route("*", "/{}", "records", pages.records),
        Route("*", "/{}/{}", "record", pages.record),
    ]
