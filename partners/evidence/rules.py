"""How evidence is weighed: one partner for certain, some to decide between, or nobody. No database."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from partners.evidence.keys import digits_key
from prm.core.words.spelling import spelling_key

Code = tuple[str, str]
"""A key of a scheme and a code in normal form."""

NPI: Final = "npi"
TAX: Final = "tax id"
#: From so much likeness of two names, of 100, a person is asked whether they are one.
_ALIKE: Final = 88
#: Two names of one code are those of one partner from here (a slip, a new family name).
_SAME_PERSON: Final = 70
_WORD: Final = re.compile(r"[^\W_]+")
_MOST_CANDIDATES: Final = 8
#: Figures that tell a code, whatever stands between them.
FEWEST_DIGITS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What a row says of who is meant; "" and empty for nothing. `domain` is that of its e-mail or website.

    `written_out` has the words with `ue` for `ü`, where the name has such letters.
    """

    id: str = ""
    npi: str = ""
    tax_id: str = ""
    code: Code = ("", "")
    email: str = ""
    phone: str = ""
    name: str = ""
    words: frozenset[str] = frozenset()
    written_out: frozenset[str] = frozenset()
    city: str = ""
    domain: str = ""

    @property
    def are_none(self) -> bool:
        """Whether the row says nothing of who is meant."""
        return not (
            self.id or self.npi or self.tax_id or self.code[1] or self.email or self.phone or self.words
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A partner, in the forms in which clues are compared; `note` tells namesakes apart, `aliases` are other names."""

    id: str
    name: str
    note: str
    words: frozenset[str]
    city: str
    email: str
    phone: str
    codes: frozenset[Code]
    aliases: tuple[frozenset[str], ...] = ()
    domains: frozenset[str] = frozenset()

    def codes_of(self, scheme: str) -> set[str]:
        """Return the codes under a scheme."""
        return {code for key, code in self.codes if key == scheme}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A partner beside a row: what agrees (`same`), what contradicts (`other`, with both values), how alike names are."""

    known: Known
    same: tuple[str, ...]
    other: tuple[tuple[str, str, str], ...]
    name: str  # one of `_NEARNESS`, or "" where the row has none
    is_here: bool  # the same city
    near: str = ""  # a code of theirs that differs in blanks, dashes or points alone

    @property
    def is_identified(self) -> bool:
        """Whether a code names the partner."""
        return any(what in self.same for what in ("id", "NPI", "tax id", "code"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom a row means. `partner` for certain, found `by` what; else `candidates` to decide between; `reason` in words."""

    partner: Known | None = None
    by: str = ""
    reason: str = ""
    candidates: tuple[tuple[Known, str], ...] = ()


def judge(clues: Clues, candidates: Iterable[Known]) -> Verdict:
    """Return whom a row means among the partners that share something with it."""
    weighed = [weigh(clues, known) for known in candidates]
    identified = [one for one in weighed if one.is_identified]
    if identified:
        return _of_identified(identified)
    strong = [one for one in weighed if _is_strong(one)]
    if len(strong) == 1 and not strong[0].other:
        return Verdict(strong[0].known, _found_by(strong[0]), f"{_sentence(strong[0])}.")
    return _to_decide([one for one in weighed if _is_a_clue(one)])


def weigh(clues: Clues, known: Known) -> Weighed:
    """Compare a row with one partner."""
    same, other = [], []
    if clues.id and clues.id == known.id:
        same.append("id")
    for what, scheme, code in (("NPI", NPI, clues.npi), ("tax id", TAX, clues.tax_id)):
        theirs = known.codes_of(scheme)
        if code and code in map(digits_key, theirs):
            same.append(what)
        elif code and theirs:
            other.append((what, code, min(theirs)))
    scheme, code = clues.code
    if code and any(code == theirs and scheme in ("", key) for key, theirs in known.codes):
        same.append("code")
    near = "" if "code" in same else _near_code(scheme, code, known)
    same += ["e-mail"] if clues.email and clues.email == known.email else []
    same += ["phone"] if clues.phone and clues.phone == known.phone else []
    same += ["e-mail domain"] if clues.domain in known.domains and "e-mail" not in same else []
    is_here = bool(clues.city) and clues.city == known.city
    is_code_alone = ("code" in same or bool(near)) and clues.words == frozenset(_WORD.findall(code.lower()))
    name = "" if is_code_alone else _name(clues, known, is_here=is_here)
    return Weighed(known, tuple(same), tuple(other), name, is_here, near)


def _near_code(scheme: str, code: str, known: Known) -> str:
    """Return a partner's code of the same figures as the row's, "" for none: `12 345` is likely 12345, and not certainly."""
    bare = digits_key(code)
    if not bare.isdecimal() or len(bare) < FEWEST_DIGITS:
        return ""
    return next(
        (its for key, its in sorted(known.codes) if digits_key(its) == bare and scheme in ("", key)), ""
    )


_NEARNESS: Final = ("same", "spelt", "agrees", "alike", "shares", "differs")


def _name(clues: Clues, known: Known, *, is_here: bool) -> str:
    """Return how near the row's name is to the name of a partner, or to another one it goes by."""
    if not clues.words:
        return ""
    found = [_nearness(clues.words, words, is_here=is_here) for words in (known.words, *known.aliases)]
    return min(found, key=_NEARNESS.index)


def _nearness(mine: frozenset[str], theirs: frozenset[str], *, is_here: bool) -> str:
    if mine == theirs:
        return "same"
    if set(map(spelling_key, mine)) == set(map(spelling_key, theirs)):
        return "spelt"
    both = mine & theirs
    if len(both) >= 2 and both in (mine, theirs):
        return "agrees"
    likeness = fuzz.token_sort_ratio(" ".join(sorted(mine)), " ".join(sorted(theirs)))
    if is_here and likeness >= _ALIKE:
        return "alike"
    return "shares" if likeness >= _SAME_PERSON or any(len(word) > 2 for word in both) else "differs"


def _of_identified(identified: Sequence[Weighed]) -> Verdict:
    """Return who is meant where codes name partners: one, whose name and other codes do not speak against it."""
    one = identified[0]
    is_trusted = one.name != "differs" or "e-mail" in one.same or "phone" in one.same or "id" in one.same
    if len(identified) == 1 and not one.other and is_trusted:
        return Verdict(one.known, _found_by(one), f"{_sentence(one)}.")
    return _to_decide(identified)


def _is_a_clue(one: Weighed) -> bool:
    """Whether a partner is worth asking about: many share a domain, so that alone is no clue."""
    if one.same == ("e-mail domain",):
        return one.name != "differs"
    return bool(one.same or one.near) or one.name in ("same", "spelt", "alike")


# How near a name must be where an address says who is meant.
_BY_ADDRESS: Final = ("same", "spelt", "agrees", "alike")


def _is_strong(one: Weighed) -> bool:
    """Whether an address or a phone with the name, or the name with the city, tell who is meant."""
    by_address = ("e-mail" in one.same or "phone" in one.same) and one.name in _BY_ADDRESS
    by_domain = "e-mail domain" in one.same and one.name == "same"
    by_mail_alone = "e-mail" in one.same and not one.name
    return by_address or by_domain or by_mail_alone or (one.name == "same" and one.is_here)


def _found_by(one: Weighed) -> str:
    return one.same[0] if one.same else "name and city"


def _to_decide(weighed: Sequence[Weighed]) -> Verdict:
    if not weighed:
        return Verdict()
    ranked = sorted(
        weighed,
        key=lambda one: (-len(one.same), one.name not in ("same", "spelt"), len(one.other), one.known.name),
    )
    shown = tuple((one.known, f"{_sentence(one)}.") for one in ranked[:_MOST_CANDIDATES])
    reason = shown[0][1]
    if len(ranked) > 1:
        reason += f" {len(ranked) - 1} more could be meant."
    return Verdict(reason=reason, candidates=shown)


def _sentence(one: Weighed) -> str:
    """Return what speaks for and against, as `Same NPI and phone. The name differs`."""
    agreeing = [*one.same]
    if one.name == "same":
        agreeing.append("name")
    if one.is_here:
        agreeing.append("city")
    parts = []
    if agreeing:
        parts.append(f"Same {_listed(agreeing)}")
    if one.name == "spelt":
        parts.append(f"The same name in another spelling: {one.known.name} here")
    if one.near:
        parts.append(f"The code is {one.near} here: the same but for what stands between its figures")
    if one.name in ("agrees", "alike"):
        parts.append("The names are alike")
    if one.name in ("shares", "differs"):
        parts.append("The name differs" if one.name == "differs" else "The name agrees in part")
    parts += [f"The {what} differs: {mine} in the file, {theirs} here" for what, mine, theirs in one.other]
    return ". ".join(parts)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
