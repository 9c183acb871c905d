"""Features of one org and what they bring."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prm.sandbox.access.models import Access
from prm.sandbox.kit.ids import make_id
from prm.sandbox.kit.types import JsonObject, Row, as_list, as_object
from prm.sandbox.schema.models import Choice, Entity, Field, RecordType, Schema
from prm.sandbox.schema.persons import account_fields, contact_fields
from prm.sandbox.schema.places import COUNTRIES, code_fields
from prm.sandbox.schema.record_types import FIELD, PERSON_TYPE, record_type_entity
from prm.sandbox.schema.record_types import field as record_type_field
from prm.sandbox.schema.setup import currency_type
from prm.sandbox.store.models import Store

_KEY = "features"
_WITH_MONEY = frozenset(
    {"Account", "Campaign", "Contact", "Opportunity", "OpportunityLineItem", "PricebookEntry", "Product2"}
)
_ADDRESSES = {"account": ("Billing", "Shipping", "PersonMailing"), "contact": ("Mailing",)}


@dataclass(slots=True)
class Features:
    """What is on. `places`: state and country picklists, with `default_country` for new records ("" for none).

    `currencies` are the active ones of several, the organisation's own first; [] for one currency. `persons`: person
    accounts, which stay once they are on. `record_types` are those of objects, as `RecordType.as_json` has them.
    """

    schema: Schema
    store: Store
    access: Access
    places: bool = False
    default_country: str = ""
    currencies: list[str] = field(default_factory=list)
    persons: bool = False
    record_types: list[JsonObject] = field(default_factory=list)
    _turns: dict[str, Callable[[object], None]] = field(init=False)

    def __post_init__(self) -> None:
        """Know how each is turned."""
        self._turns = {
            "places": self._turn_places,
            "default_country": self._set_default_country,
            "currencies": self._turn_currencies,
            "persons": self._turn_persons,
            "record_types": self._turn_record_types,
        }

    def recall(self) -> None:
        """Turn on what was on when the file was closed."""
        kept = self.store.meta(_KEY)
        if kept:
            self._turn(json.loads(kept))

    def turn(self, wanted: JsonObject) -> JsonObject:
        """Change what is named, and return all that holds. Raise ValueError for what makes no sense."""
        unknown = sorted(set(wanted) - set(self._turns))
        if unknown:
            raise ValueError(f"there is no feature {unknown[0]!r}; there are {', '.join(self._turns)}")
        with self.store.transaction():
            self._turn(wanted)
            self.store.set_meta(_KEY, json.dumps(self.show()))
        return self.show()

    def show(self) -> JsonObject:
        """Return what is on."""
        return {
            "places": self.places,
            "default_country": self.default_country,
            "currencies": [*self.currencies],
            "persons": self.persons,
            "record_types": [*self.record_types],
        }

    def _turn(self, wanted: JsonObject) -> None:
        for name, value in wanted.items():
            self._turns[name](value)
        self.schema.version += 1
        self.access.changed()

    def _put(self, entity: Entity, fields: Iterable[Field], *, on: bool) -> None:
        """Add fields to an object, or take them away; their columns and values stay."""
        for each in fields:
            if on:
                entity.add(each)
                self.store.add_column(entity, each)
            elif each.name in entity.fields:
                entity.remove(each.name)

    # --- places -------------------------------------------------------------------------------

    def _turn_places(self, value: object) -> None:
        self.places = bool(value)
        for name, prefixes in _ADDRESSES.items():
            entity = self.schema.entities[name]
            for prefix in prefixes:
                if f"{prefix}Country" in entity.fields:
                    self._put(entity, code_fields(prefix), on=self.places)
                    if self.places:
                        self._convert(entity, prefix)

    def _convert(self, entity: Entity, prefix: str) -> None:
        """Give the records that are there the codes of the countries and states that they name, as the set-up does."""
        country, state = (entity.fields[f"{prefix}{part}Code"] for part in ("Country", "State"))
        for each in country.choices:
            self.store.execute(
                f'UPDATE {entity.table} SET "{country.name}" = ? WHERE "{prefix}Country" IN (?, ?)',  # nosec B608 # names are our own, values are parameters
                (each.value, each.label, each.value),
            )
        for each in state.choices:
            self.store.execute(
                f'UPDATE {entity.table} SET "{state.name}" = ? WHERE "{prefix}State" IN (?, ?) AND "{country.name}" = ?',  # nosec B608 # names are our own, values are parameters
                (each.value, each.label, each.value, each.valid_for[0]),
            )

    def _set_default_country(self, value: object) -> None:
        code = str(value or "")
        if code and code not in COUNTRIES:
            raise ValueError(f"{code!r} is no country of the list")
        self.default_country = code
        self.store.set_meta("default country", code)

    # --- person accounts and record types -----------------------------------------------------

    def _turn_persons(self, value: object) -> None:
        if self.persons and not value:
            raise ValueError("person accounts cannot be turned off again")
        if self.persons or not value:
            return
        self.persons = True
        self._put(self.schema.entities["account"], account_fields(), on=True)
        self._put(self.schema.entities["contact"], contact_fields(), on=True)
        self._turn_places(self.places)
        self._turn_record_types(self.record_types)

    def _turn_record_types(self, value: object) -> None:
        """Let objects have these record types; with person accounts there is one of theirs at least."""
        said = [as_object(each) for each in as_list(value)]  # type: ignore[arg-type]  # whatever a body holds
        if self.persons and not any(each.get("person") for each in said):
            said.append(
                {
                    "object": "Account",
                    "name": PERSON_TYPE,
                    "label": "Person Account",
                    "person": True,
                    "default": True,
                }
            )
        known = [self._record_type(each) for each in said]
        if any(each.person and not (self.persons and each.sobject == "Account") for each in known):
            raise ValueError("only accounts are persons, where person accounts are on")
        self.record_types = [each.as_json() for each in known]
        self.schema.record_types.clear()
        for each in known:
            self.schema.record_types.setdefault(each.sobject, []).append(each)
        for entity in self.schema.entities.values():
            if entity.name in self.schema.record_types or FIELD in entity.fields:
                self._put(entity, [record_type_field()], on=entity.name in self.schema.record_types)
        self._list_record_types(known)

    def _record_type(self, said: JsonObject) -> RecordType:
        entity, name = self.schema.find(str(said.get("object", ""))), str(said.get("name", ""))
        if entity is None or not name.isidentifier():
            raise ValueError("a record type has an object and a developer name")
        full = f"record type {entity.name}.{name}"
        record_id = self.store.meta(full) or self.store.new_id("012")
        self.store.set_meta(full, record_id)
        return RecordType(
            id=record_id, sobject=entity.name, name=name, label=str(said.get("label") or name),
            person=said.get("person") is True, active=said.get("active") is not False,
            available=said.get("available") is not False, default=said.get("default") is True,
        )  # fmt: skip

    def _list_record_types(self, known: list[RecordType]) -> None:
        listing = self.schema.entities["recordtype"] = record_type_entity(persons=self.persons)
        self.store.ensure_table(listing)
        self.store.execute(f"DELETE FROM {listing.table}")  # nosec B608 # names are our own
        stamp, made = self.access.changed_at, {"IsPersonType"} & listing.fields.keys()
        for each in known:
            row: Row = {
                "Id": each.id, "Name": each.label, "DeveloperName": each.name, "SobjectType": each.sobject,
                "IsActive": int(each.active), "CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp,
            }  # fmt: skip
            self.store.insert(listing, row | {name: int(each.person) for name in made})

    # --- currencies ---------------------------------------------------------------------------

    def _turn_currencies(self, value: object) -> None:
        """Let the organisation have these currencies; those it had before are known and not active any more."""
        active = [str(code).upper() for code in as_list(value)]  # type: ignore[arg-type]  # whatever a body holds
        if any(not (len(code) == 3 and code.isalpha()) for code in active):
            raise ValueError("currencies are codes of three letters")
        known = [*active, *(code for code in self.currencies if code not in active)]
        self.currencies = active
        choices = (
            tuple(Choice(code, active=code in active, default=code == active[0]) for code in known)
            if active
            else ()
        )
        own = active[0] if active else None
        made = Field(
            "CurrencyIsoCode",
            "picklist",
            "Currency ISO Code",
            length=3,
            choices=choices,
            default=own,
            restricted=True,
            judged=True,
        )
        for each in self.schema.entities.values():
            if each.name in _WITH_MONEY or each.custom:
                self._put(each, [made], on=bool(active))
                if active:
                    self.store.execute(
                        f'UPDATE {each.table} SET "CurrencyIsoCode" = ? WHERE "CurrencyIsoCode" IS NULL',  # nosec B608 # names are our own, values are parameters
                        (own,),
                    )  # nosec B608 # names are our own, values are parameters
        self._list_currencies(known if active else [])

    def _list_currencies(self, known: list[str]) -> None:
        """Keep the object that lists them, which only an organisation with several has."""
        self.schema.entities.pop("currencytype", None)
        if not known:
            return
        listing = self.schema.entities["currencytype"] = currency_type()
        self.store.ensure_table(listing)
        self.store.execute(f"DELETE FROM {listing.table}")  # nosec B608 # names are our own
        stamp = self.access.changed_at
        for place, code in enumerate(known):
            self.store.insert(listing, {
                "Id": make_id("01L", self.store.pod, place + 1), "IsoCode": code, "IsActive": int(code in self.currencies),
                "IsCorporate": int(place == 0), "ConversionRate": 1.0, "DecimalPlaces": 2, "SystemModstamp": stamp,
            })  # fmt: skip
