"""Which of a partner's records one elsewhere is, when what speaks for each is known: for certain, for a person to decide, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

UNDECIDED: Final = "Its account is still to decide"
MORE: Final = "Could be more than one"

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Weighed:
    """How much speaks for one of ours: the larger the likelier; `doubt` is why a person is asked, "" for certain."""

    weight: int
    reason: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Verdict(Generic[R]):
    """Which of ours it is for certain, or may be, each with the reason; `doubt` is why a person is asked, or why it is none."""

    is_certain: bool = False
    some: tuple[tuple[R, str], ...] = ()
    doubt: str = ""


def choose(weighed: Iterable[tuple[R, Weighed | None]], *, at: str) -> Verdict[R] | None:
    """Return which it is of those for which something speaks, the likeliest first; `None` where nothing speaks for any.

    `at` says whether the account at which it is is settled ("ours"): until then nothing is certain.
    """
    some = sorted(
        ((one, each) for one, each in weighed if each is not None), key=lambda pair: -pair[1].weight
    )
    if not some:
        return None
    best = some[0][1]
    is_one = len(some) == 1 or some[1][1].weight < best.weight
    doubt = (best.doubt or ("" if at == "ours" else UNDECIDED)) if is_one else MORE
    named = some if doubt else some[:1]
    return Verdict(not doubt, tuple((one, each.reason) for one, each in named), doubt)
