"""Settings of a source that name something known elsewhere: a time zone, a currency, one of the tenant's kinds."""

from pydantic import ValidationInfo

from partners.kinds.queries import known_kinds
from prm.core.calendar import is_timezone
from prm.core.money import ISO_4217
from prm.core.schema import refusal


def known_timezone(value: str) -> str:
    """Return the name of a time zone, or ""; refuse another text."""
    if value and not is_timezone(value):
        raise refusal(f"{value!r} is no time zone; write it like Europe/London.")
    return value


def known_currency(value: str) -> str:
    """Return a code of ISO 4217 in capitals, or ""; refuse another text."""
    code = value.upper()
    if code and code not in ISO_4217:
        raise refusal(f"{code!r} is no currency code of ISO 4217.")
    return code


def known_kind(value: str, info: ValidationInfo) -> str:
    """Return the key of one of the tenant's kinds; refuse another.

    What a source already holds was judged when it was saved (context `is_held`): it is read without the database, as
    a file is studied outside of any transaction.
    """
    if (info.context or {}).get("is_held"):
        return value
    if value not in known_kinds():
        raise refusal(f"{value!r} is not known; use one of {', '.join(known_kinds())}.")
    return value
