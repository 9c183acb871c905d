"""A person's name as one text here, and as first and last name elsewhere. Pure functions.

Titles before a name and degrees after it (`Dr. Elena Marchetti, MD`) say what somebody is and belong to neither name; they
stay here. `Marchetti, Elena` is a last name with a first name. Particles belong to the last name (`Maria de la Cruz`), and so
does what tells father and son apart (`Jr.`). A single name is a last name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BEFORE: Final = frozenset(
    [
        "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "frau", "mme", "mlle", "dott", "ing",
        "dipl", "sra",
    ]
)  # fmt: skip
_AFTER: Final = frozenset(
    [
        "md", "do", "np", "pa", "pac", "rn", "phd", "dds", "dmd", "msc", "mph", "mba", "facc", "facs", "dnp", "cnp", "fnp",
        "pharmd", "dpm", "od", "dvm", "ba", "bsc", "med", "esq", "cpa", "rd", "lpn", "bsn", "msn", "fnpc", "psyd",
    ]
)  # fmt: skip
_GENERATIONS: Final = frozenset(["jr", "sr", "ii", "iii", "iv", "v"])
_PARTICLES: Final = frozenset(
    [
        "van", "von", "vom", "de", "der", "den", "del", "della", "di", "da", "dal", "das", "do", "dos", "du", "des", "la",
        "le", "las", "los", "el", "al", "bin", "ibn", "ben", "ter", "ten", "te", "zu", "zum", "zur", "st", "san", "santa",
        "op", "af", "av", "mac", "abu",
    ]
)  # fmt: skip
_LEAST_OF_A_NAME: Final = 2
"""Words that have to be left where degrees stand without a comma."""
_CAPITALS: Final = re.compile(r"[A-Z].*[A-Z]")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in its parts; `before` and `after` are titles and degrees as they are written, `turned`: the last name stands first."""

    first: str
    last: str
    before: str = ""
    after: str = ""
    turned: bool = False

    def __str__(self) -> str:
        names = f"{self.last}, {self.first}" if self.turned and self.first else f"{self.first} {self.last}"
        return " ".join(f"{self.before} {names}".split()) + self.after


def split(name: str) -> PersonName:
    """Return a name in its parts; written together again they are the name, blanks aside."""
    segments = [" ".join(part.split()) for part in name.split(",")]
    segments = [part for part in segments if part]
    if not segments:
        return PersonName("", name.strip())
    after: list[str] = []
    while len(segments) > 1 and _is_degrees(segments[-1]):
        after.insert(0, f", {segments.pop()}")
    words = segments[0].split()
    titles = _leading(words)
    if len(segments) > 1:
        return _turned(titles, words[len(titles) :], segments[1:], "".join(after))
    rest, degrees = _degrees(words[len(titles) :])
    last = _begin_of_last(rest)
    return PersonName(
        " ".join(rest[:last]),
        " ".join(rest[last:]),
        " ".join(titles),
        "".join([*(f" {word}" for word in degrees), *after]),
    )


def renamed(name: str, first: str | None = None, last: str | None = None) -> str:
    """Return a name with another first or last name (`None`: the same), written as before, with its titles.

    Where it says the same already it stays as it is, to the letter.
    """
    parts = split(name)
    wanted = (parts.first if first is None else _plain(first), parts.last if last is None else _plain(last))
    if says_same(f"{parts.first} {parts.last}", " ".join(wanted)):
        return name
    told = str(PersonName(*wanted, parts.before, parts.after, parts.turned))
    # What would be read otherwise (a title in what they call the first name) is written plainly.
    return told if says_same(told, " ".join(wanted)) else " ".join(wanted).strip()


def says_same(one: str, other: str) -> bool:
    """Whether two names are of the same first and last names, however they are divided and written around."""
    return _core(one) == _core(other)


def _core(name: str) -> str:
    """Return first and last name alone, in which nothing more is read as a title or a degree."""
    core = " ".join(name.split())
    while (told := _names(core)) != core:
        core = told
    return core


def _names(name: str) -> str:
    parts = split(name)
    return f"{parts.first} {parts.last}".strip()


def _plain(text: str) -> str:
    return " ".join(text.replace(",", " ").split())


def _turned(titles: Sequence[str], last: Sequence[str], further: Sequence[str], after: str) -> PersonName:
    first, *others = further
    return PersonName(
        first, " ".join(last), " ".join(titles), "".join(f", {one}" for one in others) + after, turned=True
    )


def _key(word: str) -> str:
    return re.sub(r"[.\-]", "", word).lower()


def _leading(words: Sequence[str]) -> list[str]:
    """Return the titles before a name, of which at least one word is left."""
    titles: list[str] = []
    for word in words[:-1]:
        if _key(word) not in _BEFORE:
            break
        titles.append(word)
    return titles


def _is_degrees(segment: str) -> bool:
    return all(_key(word) in _AFTER or _key(word) in _GENERATIONS for word in segment.split())


def _degrees(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return names and the degrees behind them, which are written in capitals where no comma sets them apart."""
    end = len(words)
    while end > _LEAST_OF_A_NAME and _CAPITALS.search(words[end - 1]) and _key(words[end - 1]) in _AFTER:
        end -= 1
    return list(words[:end]), list(words[end:])


def _begin_of_last(words: Sequence[str]) -> int:
    """Return at which word the last name begins."""
    end = len(words)
    while end > _LEAST_OF_A_NAME and _key(words[end - 1]) in _GENERATIONS:
        end -= 1
    if words and words[0].islower() and _key(words[0]) in _PARTICLES:
        return 0
    for place in range(1, end - 1):
        if _key(words[place]) in _PARTICLES:
            return place
    return max(end - 1, 0)
