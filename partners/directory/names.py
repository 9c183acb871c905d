"""How well two names fit each other: telling words, initials, slips of spelling. Pure functions."""

import re
from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from prm.core.words.spelling import in_ascii

# Below this, of 1, two names have nothing to do with each other.
LEAST: Final = 0.2
_WORD: Final = re.compile(r"[a-z0-9]+")
# Titles and legal forms say nothing about who it is.
_NOISE: Final = frozenset(
    [
        "dr",
        "md",
        "do",
        "np",
        "pa",
        "rn",
        "phd",
        "prof",
        "mr",
        "mrs",
        "ms",
        "inc",
        "llc",
        "ltd",
        "llp",
        "pc",
        "pllc",
        "co",
        "corp",
        "group",
        "the",
        "of",
        "and",
        "associates",
        "assoc",
    ]
)
# Letters of a word in which one slip leaves no doubt which word is meant.
_SLIP_FROM: Final = 4


def words_of(name: str) -> list[str]:
    """Return the telling words of a name, without accents, titles and punctuation."""
    return [word for word in _WORD.findall(in_ascii(name).lower()) if word not in _NOISE]


def fit(words: list[str], own: list[str]) -> tuple[float, list[str]]:
    """Return how well the words that were sent fit those of a name, and why."""
    full = [word for word in own if word in words]
    left = [word for word in own if word not in words]
    initials = [word for word in left if any(w == word[0] for w in words)]
    slipped = [word for word in left if word not in initials and _is_slip(word, words)]
    is_whole = len(full) + len(initials) + len(slipped) == len(own)
    if len(full) == len(own):
        return 0.92, ["Same name"]
    if full and is_whole and not slipped:
        return 0.9, [f"Same {listed(full)} and initial"]
    if full and is_whole:
        return 0.7, [f"“{listed(full)}” in both names", f"Similar spelling of “{listed(slipped)}”"]
    if full:
        return 0.35 * len(full) / len(own) + 0.1, [f"“{listed(full)}” in both names"]
    ratio = fuzz.ratio(" ".join(sorted(words)), " ".join(sorted(own))) / 100
    how_well = max(0.0, ratio - 0.5, 0.45 if slipped and is_whole else 0.25 if slipped else 0.0)
    return how_well, ["Similar spelling of the name"] if how_well >= LEAST else []


def _is_slip(word: str, words: Sequence[str]) -> bool:
    """Return whether the word with one slip (a letter more, less, another, two swapped) is among `words`."""
    return len(word) >= _SLIP_FROM and any(
        len(w) >= _SLIP_FROM and OSA.distance(word, w, score_cutoff=1) <= 1 for w in words
    )


def listed(words: Sequence[str]) -> str:
    """Write words of a name as names are."""
    return " ".join(word.capitalize() for word in words)
