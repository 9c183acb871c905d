"""What a page says, whatever the line breaks of its templates."""

import re


def squeezed(html: str) -> str:
    """Return the HTML in one line, without whitespace beside tags."""
    return re.sub(r"\s*([<>])\s*", r"\1", " ".join(html.split()))


def shows(html: str, part: str) -> bool:
    """Whether the part stands in the page."""
    return squeezed(part) in squeezed(html)
