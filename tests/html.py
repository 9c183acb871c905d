"""What a page says, whatever the line breaks of its templates."""

import re
from html.parser import HTMLParser


def squeezed(html: str) -> str:
    """Return the HTML in one line, without whitespace beside tags."""
    return re.sub(r"\s*([<>])\s*", r"\1", " ".join(html.split()))


def shows(html: str, part: str) -> bool:
    """Whether the part stands in the page."""
    return squeezed(part) in squeezed(html)


class _Fields(HTMLParser):
    """The fields of each form of a page, with the values that a browser would send back."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str | list[str]]] = [{}]
        self.select, self.area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        kind = found.get("type")
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in found):
            self._add(name, value or ("on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in found:
            self._add(self.select, value)
        elif tag == "textarea":
            self.area = name
            self._add(name, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.forms[-1][self.area] = f"{self.forms[-1][self.area]}{data}".removeprefix("\n")

    def _add(self, name: str, value: str) -> None:
        before = self.forms[-1].get(name)
        if before is None:
            self.forms[-1][name] = value
        else:
            self.forms[-1][name] = [*(before if isinstance(before, list) else [before]), value]


def sent_back(html: str) -> dict[str, str | list[str]]:
    """Return what the page's largest form sends when nothing is changed."""
    fields = _Fields()
    fields.feed(html)
    return max(fields.forms, key=len)
