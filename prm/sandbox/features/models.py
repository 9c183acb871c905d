"""Features of one org and what they bring."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prm.sandbox.access.models import Access
from prm.sandbox.kit.types import JsonObject
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.schema.places import COUNTRIES, code_fields
from prm.sandbox.store.models import Store

_KEY = "features"
_ADDRESSES = {"account": ("Billing", "Shipping"), "contact": ("Mailing",)}


@dataclass(slots=True)
class Features:
    """What is on. `places`: state and country picklists, with `default_country` for new records ("" for none)."""

    schema: Schema
    store: Store
    access: Access
    places: bool = False
    default_country: str = ""
    _turns: dict[str, Callable[[object], None]] = field(init=False)

    def __post_init__(self) -> None:
        """Know how each is turned."""
        self._turns = {"places": self._turn_places, "default_country": self._set_default_country}

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
        return {"places": self.places, "default_country": self.default_country}

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
