"""The rule of several currencies: a record's is one of the active ones, and stays while a deal has products."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.records.models import Change

NAME = "CurrencyIsoCode"


def settle(change: Change) -> None:
    """Refuse a currency that is not active; a record without one is in the organisation's."""
    field = change.entity.fields.get(NAME)
    if field is None:
        return
    row, active = change.row, {each.value for each in field.choices if each.active}
    if row.get(NAME) is None:
        row[NAME] = field.default
    if NAME not in change.given:
        return
    code = str(row[NAME]).upper()
    if code not in active:
        raise SandboxError(
            "INVALID_CURRENCY_ISO", f"Currency ISO Code: invalid currency ISO code: {code}", fields=[NAME]
        )
    row[NAME] = code
    if change.old and change.old.get("HasOpportunityLineItem") and change.old[NAME] != code:
        words = (
            "field integrity exception: CurrencyIsoCode (cannot change the currency while there are products)"
        )
        raise SandboxError("FIELD_INTEGRITY_EXCEPTION", words, fields=[NAME])
