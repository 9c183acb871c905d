"""Which of two partners should stay, and which details the one that stays should take over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

#: Details that a person may choose from either partner, in the order in which they are shown.
DETAILS: Final = (
    "name", "kind", "specialty", "organisation", "rep", "city", "region", "country", "email", "phone", "website",
    "is_active",
)  # fmt: skip

#: Rows beyond which a merge runs by itself, and may be left.
LARGE: Final = 10_000


class History(NamedTuple):
    """How much is known of a partner: orders, other rows, and since when."""

    orders: int
    rows: int
    since: datetime


def first_stays(first: History, second: History) -> bool:
    """Return whether the first of two should stay: who has more orders, else more of anything, else the older."""
    ours, theirs = first[:2], second[:2]
    return first.since <= second.since if ours == theirs else ours > theirs


def worth_taking(survivor: Mapping[str, object], merged: Mapping[str, object]) -> list[str]:
    """Return the details that the survivor lacks and the merged partner has."""
    return [
        name for name in DETAILS if survivor.get(name) in (None, "") and merged.get(name) not in (None, "")
    ]
