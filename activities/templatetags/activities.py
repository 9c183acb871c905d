"""Tags that draw what was done: `{% load activities %}`."""

from django import template
from django.utils.safestring import SafeString

from prm.ui.components import dots

register = template.Library()


@register.simple_tag
def visits(done: int, planned: int, *, words: bool = False) -> SafeString:
    """Return a dot for each planned visit, filled when done."""
    return dots(done, planned, "visits", words=words)
