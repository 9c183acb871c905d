"""An amount and its currency where an organisation keeps several: both go together. Pure."""

from __future__ import annotations

from collections.abc import Mapping as Record

from prm.mapping import Field, Mapping, Normal
from prm.mapping.money import CURRENCY_THERE


def _pair(mapping: Mapping) -> tuple[Field, Field] | None:
    """Return amount and currency where the organisation keeps several."""
    currency = mapping.column(CURRENCY_THERE)
    if mapping.money is None or currency is None:
        return None
    amount = next((one for one in mapping.fields if one.here == mapping.money.own), None)
    return None if amount is None else (amount, currency)


def lacks_currency(mapping: Mapping, unfit: Record[str, str]) -> bool:
    """Whether a record is in a currency that the organisation has not: it cannot be made there."""
    return _pair(mapping) is not None and CURRENCY_THERE in unfit


def together(mapping: Mapping, diff: dict[str, Normal], ours: Record[str, Normal]) -> None:
    """Let an amount go with its currency only."""
    pair = _pair(mapping)
    if pair is None:
        return
    amount, currency = pair
    if currency.there not in ours or currency.closed:
        diff.pop(amount.there, None)
    elif amount.there in diff or currency.there in diff:
        diff[currency.there] = ours[currency.there]
        if amount.there in ours and amount.pushes and not amount.closed:
            diff[amount.there] = ours[amount.there]


def keep_apart(
    mapping: Mapping, ours: Record[str, Normal], theirs: dict[str, Normal], unread: dict[str, str]
) -> None:
    """Let no amount come here that is in another currency there."""
    pair = _pair(mapping)
    if pair is None or not pair[0].pulls:
        return
    amount, currency = pair
    mine, other = ours.get(currency.there), theirs.get(currency.there)
    if amount.there in theirs and isinstance(other, str) and isinstance(mine, str) and other != mine:
        del theirs[amount.there]
        unread[amount.there] = (
            f"{amount.words}: it stands in {other} there and in {mine} here, so it does not come here. The next change of the "
            "amount here sets both there."
        )


def refused_with(mapping: Mapping, names: set[str]) -> set[str]:
    """Return what must stay away with refused fields: an amount without its currency would be another amount."""
    pair = _pair(mapping)
    return {pair[0].there} if pair is not None and pair[1].there in names else set()
