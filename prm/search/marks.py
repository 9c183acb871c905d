"""The letters of a title that match what was typed, accents aside."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_WORD = re.compile(r"\w+")


def marked(title: str, text: str, words: Sequence[str]) -> SafeString:
    """Return the title with the matching beginnings of its words, or of itself, in `<mark>`; all escaped."""
    parts: list[SafeString] = []
    place = 0
    for begin, end in _spans(title, text, words):
        parts.append(format_html("{}<mark>{}</mark>", title[place:begin], title[begin:end]))
        place = end
    parts.append(format_html("{}", title[place:]))
    return format_html_join("", "{}", ((part,) for part in parts)) if parts else mark_safe("")  # nosec B308 # constants


def _spans(title: str, text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    if text and title.casefold().startswith(text.casefold()):
        yield 0, len(text)
        return
    for word in _WORD.finditer(title):
        # Letter by letter, so that a mark ends where its letter ends, however many signs make it.
        letters = [_plain(letter) for letter in word.group()]
        fits = [w for w in words if "".join(letters).startswith(w)]
        if fits:
            left, length = len(max(fits, key=len)), 0
            while left > 0 and length < len(letters):
                left -= len(letters[length])
                length += 1
            yield word.start(), word.start() + length


def _plain(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c)).lower()
