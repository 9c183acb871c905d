"""Whether two partners may be one: how alike they are, of 100, with the reasons in words. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple
from uuid import UUID

from partners.directory.names import fit, words_of
from prm.core.words.spelling import spelling_key

#: From here on whoever adds a partner is asked first; from there on a pair is worth a look.
ASKED: Final = 93
LISTED: Final = 75

# How far each sign of its own speaks for one and the same, of 1. A practice shares its phone: alone it says nothing.
_SAME_PHONE, _SAME_EMAIL, _SAME_CODE, _SAME_PLACE, _SAME_HOUSE = 0.6, 0.7, 0.7, 0.3, 0.3
_ANOTHER_PLACE: Final = 0.6
# Names that fit less have nothing to do with each other, whatever phone they have; an e-mail or a code says more.
_LEAST_NAME, _LEAST_WITH_SIGN = 0.45, 0.25
_FEWEST_DIGITS: Final = 5
_NPI: Final = "npi"


@dataclass(frozen=True, slots=True)
class Known:
    """A partner as far as it matters here. `codes` are (key of the scheme, digits)."""

    id: UUID | None
    names: tuple[str, ...]
    city: str = ""
    phone: str = ""
    email: str = ""
    organisation: UUID | None = None
    codes: tuple[tuple[str, str], ...] = ()


class Likeness(NamedTuple):
    """How alike two are, 0 to 99, and why."""

    score: int
    reasons: tuple[str, ...]


_NOTHING: Final = Likeness(0, ())


def likeness(one: Known, other: Known) -> Likeness:
    """Return how alike two partners are; nothing for two who cannot be one (two different NPIs)."""
    if _differ(one, other):
        return _NOTHING
    name, reasons = max(map(_names, product(one.names, other.names)), key=lambda found: found[0])
    signs = list(_signs(one, other))
    place, another = _place(one, other)
    if another and not signs:
        name *= _ANOTHER_PLACE
    strong = max((weight for weight, _ in signs), default=0.0) > _SAME_PHONE
    if name < (_LEAST_WITH_SIGN if strong else _LEAST_NAME):
        return _NOTHING
    doubt = 1 - name
    for weight, _ in (*signs, *place):
        doubt *= 1 - weight
    words = (*reasons, *(words for _, words in (*signs, *place)), *another)
    return Likeness(min(99, round(100 * (1 - doubt))), words)


def _differ(one: Known, other: Known) -> bool:
    ours, theirs = ({digits for key, digits in known.codes if key == _NPI} for known in (one, other))
    return bool(ours and theirs and not ours & theirs)


def _names(pair: tuple[str, str]) -> tuple[float, list[str]]:
    one, other = pair
    if one.casefold().strip() == other.casefold().strip():
        return 0.95, ["Same name"]
    ours, theirs = words_of(one), words_of(other)
    if not ours or not theirs:
        return 0.0, []
    if set(ours) == set(theirs):
        return 0.95, ["Same name"]
    if set(map(spelling_key, ours)) == set(map(spelling_key, theirs)):
        return 0.93, ["Same name in another spelling"]
    # A single word within a longer name is a surname or a trade, and nobody's name.
    ways = [fit(a, b) for a, b in ((ours, theirs), (theirs, ours)) if min(len(a), len(b)) > 1]
    return max(ways, key=lambda way: way[0]) if ways else (0.0, [])


def _signs(one: Known, other: Known) -> Iterable[tuple[float, str]]:
    if one.phone and one.phone == other.phone:
        yield _SAME_PHONE, "Same phone"
    if one.email and one.email == other.email:
        yield _SAME_EMAIL, "Same e-mail"
    ours, theirs = ({digits for _, digits in known.codes} for known in (one, other))
    shared = sorted(digits for digits in ours & theirs if len(digits) >= _FEWEST_DIGITS)
    if shared:
        yield _SAME_CODE, f"Same code {shared[0]} in two systems"


def _place(one: Known, other: Known) -> tuple[list[tuple[float, str]], list[str]]:
    """Return what speaks for the same place, and in words that it is another."""
    found, another = [], []
    if one.organisation and one.organisation == other.organisation:
        found.append((_SAME_HOUSE, "Same organisation"))
    if one.city and other.city:
        if _same_city(one.city, other.city):
            found.append((_SAME_PLACE, f"Both in {one.city}"))
        else:
            another.append(f"{one.city} and {other.city}: moved?")
    return found, another


def _same_city(one: str, other: str) -> bool:
    if one.casefold() == other.casefold():
        return True
    ours, theirs = words_of(one), words_of(other)
    return bool(ours) and [*map(spelling_key, ours)] == [*map(spelling_key, theirs)]
