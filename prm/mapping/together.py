"""Fields there that are one value here, such as the two names of a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prm.mapping.values import Normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Fields there, by their names here, that are one value here.

    `same(ours, theirs)` says whether their values, in that order, are the same however they are divided. Then theirs stand for
    ours; and `apply` is given all of them where one has changed.
    """

    fields: tuple[str, ...]
    same: Callable[[Sequence[Normal], Sequence[Normal]], bool]
