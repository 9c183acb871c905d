"""A key figure of the strip under a page's header."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Figure:
    """A label, its value and a quieter note. ``html`` (from prm.ui.components) replaces the value.

    ``last=True`` moves it to the right end of the strip.
    """

    label: str
    value: str = ""
    note: str | SafeString = ""
    html: SafeString | None = None
    last: bool = False
