"""Schemes of referral codes: whose codes they are, so that 1001 of one system is not 1001 of another.

A scheme is a free text ("NPI", "customer number", "Meditech"). Two are the same when their keys are: case,
blanks and compatibility forms do not count. That rule stands here, as an expression of the database (`scheme_key`) and in
Python (`plain_key`), which a test holds against each other.

Which partner is meant by a code that a system sent:

1. the one who has it under the system's own scheme;
2. else the one who has it *loosely*, under a scheme that no system has (a label of people, or none at all
   where every system has one). Where that is true of two partners, nobody is meant: people are asked.
"""

import re
import unicodedata
from typing import Final

from django.db.models import CharField, F, Func, Value
from django.db.models.expressions import Combinable

LONGEST: Final = 60
"""Most characters of a scheme."""
_BLANKS: Final = re.compile(r"[^\S\x1c-\x1f]+")


def scheme_key(scheme: Combinable | str) -> Func:
    """Return the key of a scheme as an expression; a text names a column."""
    column = F(scheme) if isinstance(scheme, str) else scheme
    plain = Func(column, template="normalize(%(expressions)s, NFKC)", output_field=CharField())
    single = Func(plain, Value(r"\s+"), Value(" "), Value("g"), function="regexp_replace")
    return Func(Func(single, function="btrim"), function="lower", output_field=CharField(max_length=LONGEST))


def key_of(scheme: str) -> Func:
    """Return the key of a scheme as written, as an expression."""
    return scheme_key(Value(scheme, output_field=CharField()))


def plain_key(scheme: str) -> str:
    """Return the key of a scheme as written, for many at once and for ids: the rule of `scheme_key` in Python."""
    single = _BLANKS.sub(" ", unicodedata.normalize("NFKC", scheme)).strip(" ")
    return "".join(_small(letter) for letter in single)


def _small(letter: str) -> str:
    # The database turns one letter into one letter, whatever stands beside it, and holds separators of files for no blanks.
    small = letter.lower()
    return small if len(small) == 1 else small[:1]
