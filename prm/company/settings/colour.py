"""The colour of a company's mark, and whether white letters can be read on it (WCAG 2.2, 1.4.3)."""

import re
from typing import Final

from prm.core.errors import Refused
from prm.ui.components import MARK_PALETTE

PALETTE: Final = MARK_PALETTE
"""The eight that the product offers."""
LEAST: Final = 4.5
"""The contrast that letters of this size need."""

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\Z")


def contrast_with_white(colour: str) -> float:
    """Return the contrast of a colour, `#rrggbb`, with white: 1 (none) to 21 (black)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def darkened(colour: str) -> str:
    """Return the lightest colour of the same hue, made of this one, on which white letters can be read."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for percent in range(100, -1, -1):
        found = "#" + "".join(f"{part * percent // 100:02x}" for part in parts)
        if contrast_with_white(found) >= LEAST:
            return found
    return "#000000"


def checked_colour(text: str) -> str:
    """Return a colour as it is kept, "" for none. Raises `Refused` for what is none, and for one that is too light."""
    text = text.strip()
    if not text:
        return ""
    found = _HEX.match(text)
    if found is None:
        raise Refused("Write a colour as # and six digits, as in #8c2f45.", field="colour", code="invalid")
    digits = found[1].lower()
    colour = "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))
    contrast = contrast_with_white(colour)
    if contrast < LEAST:
        # Rounded down, so that nothing too light reads as enough.
        raise Refused(
            f"White letters on {colour} have a contrast of {int(contrast * 10) / 10}:1 and need {LEAST}:1. "
            f"{darkened(colour)} is the nearest darker one that does.",
            field="colour",
            code="contrast",
        )
    return colour
