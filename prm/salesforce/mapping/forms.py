"""In which form an organisation keeps what it may keep in several: addresses as text or by lists, money in one currency or several. Pure.

`forms_of` finds it in a description; `fitted` gives the mapping that follows. What a tenant has chosen otherwise (another
field, a table of values) stays as it was chosen.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from collections.abc import Mapping as Record
from dataclasses import replace
from typing import Final, TypedDict

from prm.mapping import Field, Kind, Mapping, Way
from prm.mapping.money import CURRENCY_THERE, Currencies
from prm.mapping.persons import Persons
from prm.mapping.places import CountryCode, CountryText, Lists, Places, StateCode

_COUNTRY: Final = "CountryCode"


class AddressLists(TypedDict):
    """The lists of one address: names by code, of states within their country."""

    countries: dict[str, str]
    states: dict[str, dict[str, str]]


class Forms(TypedDict, total=False):
    """What a description says of forms: `currencies` are the active ones of several, `places` by the beginning of the names of an address's fields (`Billing`)."""

    places: dict[str, AddressLists]
    currencies: list[str]


def forms_of(described: Record[str, object]) -> Forms:
    """Return the forms that a description tells of; {} when all is as everywhere."""
    listed = described.get("fields")
    fields = {
        str(each.get("name")): each
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    }
    found: Forms = {}
    places = {
        name.removesuffix(_COUNTRY): lists
        for name in fields
        if name.endswith(_COUNTRY) and (lists := _lists(fields, name.removesuffix(_COUNTRY)))
    }
    if places:
        found["places"] = places
    if CURRENCY_THERE in fields:
        choices = _choices(fields[CURRENCY_THERE])
        found["currencies"] = [str(one["value"]) for one in choices if one.get("active") is not False]
    return found


def _lists(fields: Record[str, Record[str, object]], prefix: str) -> AddressLists | None:
    country, state = fields.get(f"{prefix}{_COUNTRY}"), fields.get(f"{prefix}StateCode")
    if country is None or state is None or country.get("type") != "picklist":
        return None
    # The bits of a state count all countries, those that are put away too.
    codes = [str(one.get("value")) for one in _choices(country)]
    countries = {
        str(one["value"]): _label(one) for one in _choices(country) if one.get("active") is not False
    }
    states: dict[str, dict[str, str]] = {}
    for one in _choices(state):
        if one.get("active") is not False:
            for code in _valid_for(one.get("validFor"), codes):
                states.setdefault(code, {})[str(one["value"])] = _label(one)
    return {"countries": countries, "states": states}


def _choices(field: Record[str, object]) -> Iterable[Record[str, object]]:
    some = field.get("picklistValues")
    return [
        one for one in (some if isinstance(some, list) else ()) if isinstance(one, dict) and one.get("value")
    ]


def _label(one: Record[str, object]) -> str:
    return str(one.get("label") or one["value"])


def _valid_for(bits: object, codes: list[str]) -> Iterable[str]:
    """Return the controlling values of a dependent one: a bit for each, the first the highest, in base 64."""
    if not isinstance(bits, str):
        return []
    try:
        mask = base64.b64decode(bits)
    except ValueError:
        return []
    return [
        code
        for place, code in enumerate(codes)
        if place // 8 < len(mask) and mask[place // 8] & (0x80 >> place % 8)
    ]


# --- the mapping that follows ---------------------------------------------------------------------


def fitted(one: Mapping, forms: Forms) -> Mapping:
    """Return a mapping in the forms of the organisation."""
    known = forms.get("places", {})
    placed = _with_places(one, known)
    if placed.persons is not None and placed.persons.is_chosen:
        placed = _with_persons_places(placed, placed.persons, known)
    return _with_currency(placed, tuple(forms["currencies"])) if forms.get("currencies") else placed


def _with_currency(one: Mapping, active: tuple[str, ...]) -> Mapping:
    """Return a mapping whose amount goes in the record's own currency, which goes with it."""
    money = one.money
    amount = next((each for each in one.fields if money and each.here == money.amount), None)
    if money is None or amount is None or amount.is_foreign or one.column(CURRENCY_THERE) is not None:
        return one
    own = replace(amount, here=money.own, label=amount.words)
    fields = tuple(own if each is amount else each for each in one.fields)
    currency = Field(
        here=money.currency,
        there=CURRENCY_THERE,
        kind=Kind.PICKLIST,
        label="Currency",
        length=3,
        form=Currencies(active),
    )
    sums = replace(one.sums, amount=money.own) if one.sums and one.sums.amount == money.amount else one.sums
    return replace(one, fields=(*fields, currency), sums=sums)


def _with_places(one: Mapping, known: Record[str, AddressLists]) -> Mapping:
    if one.places is None:
        return one
    fields, places = _placed(one.fields, one.places, known)
    return replace(one, fields=fields, places=places)


def _with_persons_places(one: Mapping, persons: Persons, known: Record[str, AddressLists]) -> Mapping:
    fields, places = _placed(one.fields, persons.places, known)
    return replace(one, fields=fields, persons=replace(persons, places=places))


def _placed(
    every: tuple[Field, ...], places: Places, known: Record[str, AddressLists]
) -> tuple[tuple[Field, ...], Places]:
    """Return fields with country and region of one address in the form of the organisation, and the address with its lists."""
    country = next((each for each in every if each.here == places.country), None)
    region = next((each for each in every if each.here == places.region), None)
    if country is not None and not _as_declared(country, "Country"):
        country = None
    prefix = (
        region.there.removesuffix("State") if region is not None and _as_declared(region, "State") else ""
    )
    if country is not None and not prefix:
        prefix = country.there.removesuffix("Country")
    lists = Lists(**known[prefix]) if prefix in known else None
    changed: dict[str, Field] = {}
    if lists is None:
        if country is not None:
            changed[country.here] = replace(country, form=CountryText(places))
        return _replaced(every, changed), places
    if country is not None:
        form = CountryCode(places, lists)
        changed[country.here] = replace(country, there=f"{prefix}CountryCode", form=form)
    if region is not None and _as_declared(region, "State"):
        changed[region.here] = replace(
            region,
            there=f"{prefix}StateCode",
            form=StateCode(lists),
            cut=False,
            within=f"{prefix}CountryCode",
        )
    return _replaced(every, changed), replace(places, lists=lists)


def _as_declared(field: Field, end: str) -> bool:
    """Whether a field lies where it was declared, without a table or a way of the tenant's own."""
    return field.there.endswith(end) and not (field.is_foreign or field.table or field.way is not Way.AS_IS)


def _replaced(fields: tuple[Field, ...], changed: Record[str, Field]) -> tuple[Field, ...]:
    return tuple(changed.get(each.here, each) if each.here else each for each in fields)
