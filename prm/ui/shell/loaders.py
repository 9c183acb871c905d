"""Templates without the blanks that indent them: in HTML a line break says the same, and pages carry kilobytes less.

Lines stay as they are, so that an error names the line of the file. What keeps its blanks in a browser (`<pre>`,
`<textarea>`), and whatever is not HTML, is left alone.
"""

import re
from typing import Final

from django.template import Origin
from django.template.loaders import app_directories, filesystem

_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)
_KEEPS: Final = re.compile(r"<(?:pre|textarea)\b", re.IGNORECASE)


def without_indent(name: str, source: str) -> str:
    """Return a template's text without the blanks at the beginning of its lines."""
    if not name.endswith(".html") or _KEEPS.search(source):
        return source
    return _INDENT.sub("", source)


class FileLoader(filesystem.Loader):
    """The templates of the folder `templates`."""

    def get_contents(self, origin: Origin) -> str:
        """Return the text of a template."""
        return without_indent(origin.name, super().get_contents(origin))


class AppLoader(app_directories.Loader):
    """The templates of apps."""

    def get_contents(self, origin: Origin) -> str:
        """Return the text of a template."""
        return without_indent(origin.name, super().get_contents(origin))
