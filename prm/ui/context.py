"""Context processor: what base.html needs on every page."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from prm.ui.http import in_sheet, is_live
from prm.ui.themes import current_theme

BASE_LAYOUT = "base.html"
SHEET_LAYOUT = "components/sheet.html"
LIVE_LAYOUT = "components/layouts/parts.html"


@dataclass(frozen=True)
class Ui:
    """The viewer's choices and the few addresses that the shell links to ("" = not offered)."""

    theme: str
    keys: bool
    sheet: bool
    search_url: str
    chooser_url: str


def _address(name: str, **kwargs: str) -> str:
    """The URL, or "" where the installation has no such page: the shell then shows no control."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def _chooser(request: HttpRequest) -> str:
    """The chooser; "" for a person whom it would send straight back (the chooser counted one)."""
    session = getattr(request, "session", {})
    address = _address("chooser")
    return f"{address}?choose" if address and session.get("organisations", 2) > 1 else ""


def ui(request: HttpRequest) -> dict[str, Any]:
    """``tenant``, ``membership``, ``layout`` and ``ui``."""
    tenant = getattr(request, "tenant", None)
    sheet = in_sheet(request)
    user = getattr(request, "user", None)
    return {
        "tenant": tenant,
        "membership": getattr(request, "membership", None),
        "layout": SHEET_LAYOUT if sheet else LIVE_LAYOUT if is_live(request) else BASE_LAYOUT,
        "ui": Ui(
            theme=current_theme(request),
            keys=bool(getattr(user, "shortcuts", True)),
            sheet=sheet,
            search_url=_address("search", tenant=tenant.slug) if tenant else "",
            chooser_url=_address("chooser"),
        ),
    }
