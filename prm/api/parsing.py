"""The API's JSON, read strictly: what two programs might understand differently is refused."""

import json
from collections.abc import Iterator
from typing import IO, Final, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from prm.core.errors import Refused
from prm.core.types import Json

LONGEST_SHOWN: Final = 60


class StrictJSONParser(JSONParser):
    """JSON in UTF-8 without repeated keys, NaN, halves of characters, or more depth than can be read."""

    def parse(  # type: ignore[override]  # a body may be a list, too
        self, stream: IO[bytes], media_type: object = None, parser_context: object = None
    ) -> Json:
        """Return the body's value. Raises `RequestDataTooBig`, `ParseError` or `Refused`, each saying where."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read() if limit is None else stream.read(limit + 1)
        if limit is not None and len(raw) > limit:
            raise RequestDataTooBig
        try:
            text = raw.decode("utf-8-sig")
            value: Json = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
        except RecursionError as error:
            raise ParseError("JSON parse error - It is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error
        # Only an escape can make half of a character; looking for it costs nothing to all others.
        if "\\ud" in text.lower():
            _refuse_halves(value)
        return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON.")


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"The key {_shown(name)} stands twice in one object.")
            seen.add(name)
    return found


def _refuse_halves(value: Json) -> None:
    for path, text in _texts(value):
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            message = f"{_shown(text)} holds half of a character (a lone surrogate)."
            raise Refused(message, field=path.encode(errors="replace").decode(), code="bad_text")


def _texts(value: Json) -> Iterator[tuple[str, str]]:
    """Yield every text in it, keys too, with the path to it. Not recursive: the depth is the sender's."""
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, str):
            yield path, found
        elif isinstance(found, list):
            waiting += [(f"{path}[{place}]", inner) for place, inner in enumerate(found)]
        elif isinstance(found, dict):
            for key, inner in found.items():
                yield path, key
                waiting.append((f"{path}.{key}" if path else key, inner))


def _shown(text: str) -> str:
    """Return a text as it can be put into an answer: shortened, and with nothing that cannot be written."""
    return ascii(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")
