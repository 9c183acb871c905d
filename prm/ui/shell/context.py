"""Context processor: how this page is drawn for its viewer."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from prm.ui.http import in_sheet, is_live
from prm.ui.shell.themes import current_theme

BASE_LAYOUT = "base.html"
SHEET_LAYOUT = "components/sheet.html"
LIVE_LAYOUT = "components/layouts/parts.html"


@dataclass(frozen=True)
class Ui:
    """The viewer's choices, and whether the page fills the sheet."""

    theme: str
    keys: bool
    sheet: bool
    product: str


def ui(request: HttpRequest) -> dict[str, object]:
    """Return `layout` and `ui`."""
    sheet = in_sheet(request)
    user = getattr(request, "user", None)
    return {
        "layout": SHEET_LAYOUT if sheet else LIVE_LAYOUT if is_live(request) else BASE_LAYOUT,
        "ui": Ui(
            theme=current_theme(request),
            keys=bool(getattr(user, "shortcuts", True)),
            sheet=sheet,
            product=settings.PRODUCT_NAME,
        ),
    }
