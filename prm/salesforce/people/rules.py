"""Which Salesforce user a member is, by e-mail. Pure: no database.

In a sandbox Salesforce spoils the addresses of copied users: `.invalid` behind them since 2021, and
`name=host.tld@example.com` before that (reference: "Owners").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import models

_SPOILT: Final = re.compile(r"^([^=@]+)=([^=@]+)@example\.com$")


class How(models.TextChoices):
    """How it came about who stands for a member."""

    FOUND = "found", "Found by e-mail"
    CHOSEN = "chosen", "Chosen"
    LEFT = "left", "Fallback chosen"
    INACTIVE = "inactive", "Inactive in Salesforce"
    SEVERAL = "several", "Several with this e-mail"
    NOT_FOUND = "not_found", "Not found"


LOST: Final = (How.NOT_FOUND, How.INACTIVE, How.SEVERAL)
"""How somebody is without a user though nobody has said so."""


@dataclass(frozen=True, slots=True)
class Person:
    """A Salesforce user, as far as it counts here; `address` and `login` in the form of `address`."""

    sf_id: str
    address: str
    login: str
    is_active: bool


def address(text: str) -> str:
    """Return an e-mail address in the form in which both sides are compared: small letters, as before a sandbox was made."""
    plain = text.strip().lower().removesuffix(".invalid")
    spoilt = _SPOILT.match(plain)
    return f"{spoilt[1]}@{spoilt[2]}" if spoilt else plain


def found_by(email: str, people: Sequence[Person]) -> tuple[How, str]:
    """Return who of these has the address, and how sure that is; "" for nobody.

    The e-mail address goes before the username. Of several active users with one address nobody is guessed.
    """
    wanted = address(email)
    if not wanted:
        return How.NOT_FOUND, ""
    for same in (
        [one for one in people if one.address == wanted],
        [one for one in people if one.login == wanted],
    ):
        active = [one.sf_id for one in same if one.is_active]
        if len(active) == 1:
            return How.FOUND, active[0]
        if active:
            return How.SEVERAL, ""
    is_there = any(wanted in (one.address, one.login) for one in people)
    return (How.INACTIVE if is_there else How.NOT_FOUND), ""


def standing_for(
    email: str, people: Sequence[Person], *, is_chosen: bool = False, wanted: str = ""
) -> tuple[How, str]:
    """Return who stands for a member: whom somebody chose, while that user is active, else who has the address."""
    if not is_chosen:
        return found_by(email, people)
    if not wanted:
        return How.LEFT, ""
    can = any(one.sf_id == wanted and one.is_active for one in people)
    return (How.CHOSEN, wanted) if can else (How.INACTIVE, "")
