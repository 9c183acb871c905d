"""Who may be meant by a referral code nobody knows: ranked guesses, each with its reasons.

Pure functions over names and codes. Two kinds of evidence are weighed: the name that order systems
send along, and digits that the unknown code shares with a known one. A guess is *certain* only
when one partner alone fits and the name fits wholly; people confirm everything else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from partners.directory.names import fit, listed, words_of

MOST: Final = 5
LEAST: Final = 20
CERTAIN: Final = 90
# Shorter numbers are shared by chance.
FEWEST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A partner as far as it matters here; `codes` are normal forms."""

    id: UUID
    name: str
    note: str = ""
    organisation: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A guess; `score` is 0 to 100, `reasons` are sentences without a full stop."""

    candidate: Candidate
    score: int
    reasons: tuple[str, ...]
    certain: bool = False


def digits_of(code: str) -> str:
    """Return the digits of a code without leading zeros."""
    return re.sub(r"[^0-9]", "", code).lstrip("0")


def suggest(code: str, name: str, candidates: Sequence[Candidate]) -> list[Suggestion]:
    """Return at most five guesses, best first; none below 20 of 100."""
    weighed = [_weigh(code, name, candidate) for candidate in candidates]
    likely = sorted(
        (s for s in weighed if s.score >= LEAST), key=lambda s: (-s.score, s.candidate.name, s.candidate.id)
    )[:MOST]
    if likely and likely[0].score >= CERTAIN and (len(likely) == 1 or likely[1].score < CERTAIN - 20):
        best = likely[0]
        likely[0] = Suggestion(best.candidate, best.score, best.reasons, certain=True)
    return likely


def _weigh(code: str, name: str, candidate: Candidate) -> Suggestion:
    by_name, name_reasons = _by_name(words_of(name), candidate)
    by_code, code_reasons = _by_code(code, candidate.codes)
    # Evidence of both kinds strengthens each other, as two independent doubts multiply.
    score = round(100 * (1 - (1 - by_name) * (1 - by_code)))
    return Suggestion(candidate, min(score, 99), (*name_reasons, *code_reasons))


def _by_name(words: list[str], candidate: Candidate) -> tuple[float, list[str]]:
    own = words_of(candidate.name)
    if not words or not own:
        return 0.0, []
    how_well, reasons = fit(words, own)
    practice = [w for w in words_of(candidate.organisation) if len(w) >= 4 and _begins(w, words)]
    if practice and how_well:
        how_well = 1 - (1 - how_well) * 0.7
        reasons.append(f"Practice name matches “{listed(practice)}”")
    return how_well, reasons


def _begins(word: str, words: Sequence[str]) -> bool:
    """Return whether the word or an abbreviation of it (four letters or more) is among `words`."""
    return any(word == w or (len(w) >= 4 and word.startswith(w)) for w in words)


def _by_code(code: str, known: Sequence[str]) -> tuple[float, list[str]]:
    digits = digits_of(code)
    if len(digits) < FEWEST_DIGITS:
        return 0.0, []
    for other in known:
        if digits_of(other) == digits:
            return 0.85, [f"Same digits as the known code {other}"]
    for other in known:
        theirs = digits_of(other)
        if len(theirs) == len(digits) and sum(a != b for a, b in zip(digits, theirs, strict=True)) == 1:
            return 0.25, [f"One digit differs from the known code {other}"]
    return 0.0, []
