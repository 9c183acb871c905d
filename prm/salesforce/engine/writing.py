"""Writes values from Salesforce here through the app's service, of many records or of one."""

from __future__ import annotations

from collections.abc import Mapping as Record
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction

from prm.core.errors import Refused
from prm.mapping import BadValue, Field, Here, Mapping, Normal
from prm.salesforce.engine import store
from prm.salesforce.mapping import registry

Normals = Record[str, Normal]


class SomeRefused(Exception):
    """A value was refused where none was expected to be: what was applied with it is taken back, and applied with care."""


def apply_together(mapping: Mapping, wanted: Record[UUID, Normals]) -> None:
    """Write values from Salesforce to many records here; raises `SomeRefused` where one of them is refused."""
    changes = {}
    for record_id, values in wanted.items():
        local, refused = _local(mapping, values)
        if refused:
            raise SomeRefused
        changes[record_id] = {one.here: value for one, value in local.items()}
    if mapping.apply is None:
        raise SomeRefused
    try:
        mapping.apply(changes)
    except OperationalError:
        raise
    except (Refused, DatabaseError) as error:
        raise SomeRefused from error


def _local(mapping: Mapping, wanted: Normals) -> tuple[dict[Field, Here], dict[str, str]]:
    """Return values as the app takes them, and by name in Salesforce why others have no such form."""
    found: dict[Field, Here] = {}
    refused: dict[str, str] = {}
    for one in mapping.fields:
        if one.there in wanted:
            try:
                found[one] = one.local(wanted[one.there])
            except BadValue as error:
                refused[one.there] = str(error)
    for parent in mapping.parents:
        if parent.there in wanted:
            owning, sf_id = registry.mapping(parent.mapping), wanted[parent.there]
            record_id = store.here_of(owning, sf_id) if isinstance(sf_id, str) else None
            if sf_id is None or record_id is not None:
                found[parent.field] = record_id
            else:
                refused[parent.there] = (
                    f"{parent.field.words}: it belongs to a record there that no {owning.singular} here is."
                )
    return found, refused


class Applying:
    """Writes values from Salesforce to one record here; one that is refused holds back no other."""

    def __init__(self, mapping: Mapping, record_id: UUID) -> None:
        self.mapping = mapping
        self.record_id = record_id
        self.refused: dict[str, str] = {}

    def apply(self, wanted: Normals) -> dict[str, str]:
        """Write what can be written; return why the other fields were refused, by name in Salesforce."""
        left, self.refused = _local(self.mapping, wanted)
        while left and (error := self._try(left)) is not None:
            named = [one for one in left if one.here == error.field]
            if not named and len(left) > 1:
                # Nobody knows which one: each for itself.
                for one, value in left.items():
                    self._note([one], self._try({one: value}))
                break
            self._note(named or list(left), error)
            left = {one: value for one, value in left.items() if one.there not in self.refused}
        return self.refused

    def _note(self, fields: list[Field], error: Refused | None) -> None:
        if error is not None:
            self.refused |= {one.there: f"{one.words}: {error.message}" for one in fields}

    def _try(self, values: Record[Field, Here]) -> Refused | None:
        if self.mapping.apply is None:
            return Refused("This is not written from Salesforce.")
        try:
            with transaction.atomic():
                self.mapping.apply({self.record_id: {one.here: value for one, value in values.items()}})
        except OperationalError:
            raise
        except Refused as error:
            return error
        except DatabaseError:
            return Refused("This value from Salesforce cannot be stored here.")
        return None
