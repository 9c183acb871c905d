"""Keys that people's words are known by to programs: of kinds, of own fields."""

import re
import unicodedata
from typing import Final

LONGEST_KEY: Final = 40
"""Most characters of a key."""

_KEY: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*\Z")


def is_key(text: str) -> bool:
    """Return whether a text can be a key: small ASCII letters, digits, single underscores between them."""
    return len(text) <= LONGEST_KEY and bool(_KEY.match(text))


def key_for(word: str) -> str:
    """Make a key of a word: "Ambulance service" is `ambulance_service`; "" where no letter or digit is plain."""
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_KEY].strip("_")
