"""Addresses of the rows of the market's lists."""

from typing import Any

from django.urls import reverse

from prm.tenancy.context import current_tenant


def page(name: str, pk: object) -> str:
    """Return the address of a page of this app in the tenant in scope."""
    return reverse(f"activities:{name}", kwargs={"tenant": current_tenant().slug, "pk": pk})


SHOWN = {"open": "Open", "won": "Won", "lost": "Lost", "all": "All"}


def page_url(name: str, **kwargs: Any) -> str:
    """Return the address of a page of this app in the tenant in scope."""
    return reverse(f"activities:{name}", kwargs={"tenant": current_tenant().slug, **kwargs})
