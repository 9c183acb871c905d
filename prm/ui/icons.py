"""Tabler outline icons as inline SVG, read from node_modules when first used."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SVG = re.compile(r"<svg[^>]*>(?P<shapes>.*)</svg>", re.DOTALL)


class UnknownIcon(LookupError):
    """No such icon; the name is in the message."""


def icon_folder() -> Path:
    """Where the npm package keeps its outline icons."""
    return Path(settings.BASE_DIR) / "node_modules/@tabler/icons/icons/outline"


# Drawn in no colour by every icon of the package, to mark its box.
_FRAME = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


@lru_cache(maxsize=512)
def _shapes(name: str) -> SafeString:
    path = icon_folder() / f"{name}.svg"
    if not _NAME.fullmatch(name) or not path.is_file():
        message = f"No icon {name!r} in {icon_folder()}. Wrong name, or `make setup` has not run."
        raise UnknownIcon(message)
    found = _SVG.search(path.read_text(encoding="utf-8"))
    if found is None:
        message = f"{path} is no SVG file."
        raise UnknownIcon(message)
    # The file belongs to the pinned npm package: trusted markup, not user input.
    shapes = found["shapes"].replace(_FRAME, "").replace(" />", "/>")
    return mark_safe("".join(line.strip() for line in shapes.splitlines()))  # noqa: S308 # nosec B308, B703 # see above


@lru_cache(maxsize=1024)
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    """Return the icon as decorative SVG (hidden from screen readers), *size* px square.

    Raises UnknownIcon for a name that the package does not have.
    """
    return format_html(
        '<svg class="prm-icon{}" width="{}" height="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        f" {css}" if css else "",
        size,
        size,
        _shapes(name),
    )
