"""Amounts in several currencies. Pure.

An organisation with several currencies keeps one with every record: what is left out is the user's own, so an amount
alone would change its meaning. There the amount goes in the currency of the record here, and both go together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CURRENCY_THERE: Final = "CurrencyIsoCode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The names here of the amount in the tenant's currency, of the amount in its own, and of what that currency is.

    The first goes to an organisation with one currency, the others to one with several.
    """

    amount: str
    own: str
    currency: str


@dataclass(frozen=True, slots=True)
class Currencies:
    """The form of a currency's code where only some are active."""

    active: tuple[str, ...]

    def ours(self, text: str) -> str:
        """Return it in capitals."""
        return text.upper()

    def theirs(self, text: str) -> str:
        """Return it in capitals."""
        return text.upper()

    def wire(self, normal: str) -> str:
        """Return it as it is."""
        return normal

    def local(self, normal: str) -> str:
        """Return it as it is."""
        return normal

    def unfit(self, normal: str, words: str) -> str:
        """Return that it is none of the active ones."""
        if normal in self.active:
            return ""
        return (
            f"{words}: {normal} is no active currency of the organisation (there are {', '.join(self.active)}), so the amount "
            "waits. Setup → Company Information → Currency Setup takes it in."
        )
