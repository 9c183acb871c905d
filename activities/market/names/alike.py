"""Which names look like one: plain texts in, pairs with a reason out.

Three signs, none of which is proof, so that a person decides: the same letters when blanks, capitals, accents and
legal forms are left out; few letters apart (rapidfuzz's ratio); one name being the beginning of the other, by whole
words.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from partners.directory.names import words_of

NEAR = 88.0
"""From this ratio, 0 to 100, two names are few letters apart: one slip in nine letters."""

TELLING = 5
"""Shorter names differ by one letter without being slips of one another."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Pair(Generic[K]):
    """Two names that may be one, with the sign, the likeliest sign first in `rank`."""

    one: K
    other: K
    reason: str
    rank: int


def pairs(names: Sequence[tuple[K, str]]) -> list[Pair[K]]:
    """Return pairs of names that look alike, each pair once, the likeliest first.

    Compares n names in about n²/2 steps of compiled code; callers give at most some hundreds.
    """
    words = [(key, words_of(name)) for key, name in names]
    told = [(key, own) for key, own in words if own]
    found: dict[tuple[K, K], Pair[K]] = {}
    for pair in (*_same_letters(told), *_beginnings(told), *_near(told)):
        found.setdefault((pair.one, pair.other), pair)
    return sorted(found.values(), key=lambda pair: pair.rank)


def _same_letters(told: Sequence[tuple[K, list[str]]]) -> Iterator[Pair[K]]:
    groups: dict[str, list[K]] = defaultdict(list)
    for key, own in told:
        groups["".join(own)].append(key)
    for group in groups.values():
        yield from (Pair(one, other, "the same letters", 0) for one, other in combinations(group, 2))


def _beginnings(told: Sequence[tuple[K, list[str]]]) -> Iterator[Pair[K]]:
    by_words = {tuple(own): key for key, own in told}
    place = {key: at for at, (key, _) in enumerate(told)}
    for key, own in told:
        for length in range(1, len(own)):
            shorter = by_words.get(tuple(own[:length]))
            if shorter is not None and len(own[0]) >= TELLING:
                one, other = sorted((key, shorter), key=place.__getitem__)
                yield Pair(one, other, "one begins like the other", 2)


def _near(told: Sequence[tuple[K, list[str]]]) -> Iterator[Pair[K]]:
    long = [(key, "".join(own)) for key, own in told if len("".join(own)) >= TELLING]
    texts = [text for _, text in long]
    ratios = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=NEAR)
    for at, (one, text) in enumerate(long):
        for then in range(at + 1, len(long)):
            if ratios[at][then] >= NEAR and text != texts[then]:
                yield Pair(one, long[then][0], "few letters apart", 1)
