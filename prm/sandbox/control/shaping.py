"""What an administrator may do to objects and fields under our feet: hide, close, rename, change the type."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from prm.sandbox.access.models import RIGHTS, Access
from prm.sandbox.kit.types import Json, JsonObject, as_list
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.store.models import Store


@dataclass(frozen=True, slots=True)
class Shaping:
    """Changes what the integration user finds. Until the process ends, or `restore`."""

    schema: Schema
    store: Store
    access: Access
    _renamed: dict[str, str] = field(default_factory=dict)
    _types: dict[str, Field] = field(default_factory=dict)

    def change(self, wanted: JsonObject) -> JsonObject:
        """Do one change and return all that holds. Raise ValueError for what makes no sense.

        `{"object": "Account", "take": ["read"]}` takes rights on an object (`"take": []` gives all back).
        `{"field": "Account.Phone", "see": false}`, `"edit": false`, `"type": "double"`, `"rename": "PRM_Other__c"`.
        """
        if "field" in wanted:
            self._field(str(wanted["field"]), wanted)
        else:
            entity = self._entity(str(wanted.get("object", "")))
            taken = {str(each) for each in as_list(wanted.get("take"))}
            if taken - set(RIGHTS):
                raise ValueError(f"rights are {', '.join(RIGHTS)}")
            self.access.bars.objects[entity.name] = set(RIGHTS) if "read" in taken else taken
            if not taken:
                del self.access.bars.objects[entity.name]
        self.access.changed()
        return self.show()

    def _entity(self, name: str) -> Entity:
        entity = self.schema.find(name)
        if entity is None:
            raise ValueError(f"there is no object {name!r}")
        return entity

    def _field(self, name: str, wanted: JsonObject) -> None:
        entity = self._entity(name.partition(".")[0])
        found = entity.find(name.partition(".")[2])
        if found is None:
            raise ValueError(f"there is no field {name!r}")
        full = f"{entity.name}.{found.name}"
        for word, names in (("see", self.access.bars.hidden), ("edit", self.access.bars.closed)):
            if word in wanted:
                (names.discard if wanted[word] else names.add)(full)
        if "type" in wanted:
            self._types.setdefault(full, found)
            entity.add(replace(found, type=str(wanted["type"])))
        if "rename" in wanted:
            self._rename(entity, found, str(wanted["rename"]))
        self.schema.version += 1

    def _rename(self, entity: Entity, old: Field, name: str) -> None:
        if not (old.custom and name.endswith("__c") and name.isidentifier()):
            raise ValueError("only a custom field can be renamed, to another name that ends in __c")
        new = replace(old, name=name)
        with self.store.transaction():
            self.store.add_column(entity, new)
            self.store.execute(f'UPDATE {entity.table} SET "{name}" = "{old.name}"')  # nosec B608 # both were looked at
            # What is granted on a field stays granted when it is renamed.
            self.store.execute(
                'UPDATE "FieldPermissions" SET "Field" = ? WHERE "Field" = ?',
                (f"{entity.name}.{name}", f"{entity.name}.{old.name}"),
            )
        entity.remove(old.name)
        entity.add(new)
        self.store.ensure_indexes(entity, [new])
        first = self._renamed.pop(f"{entity.name}.{old.name}", old.name)
        if first != name:
            self._renamed[f"{entity.name}.{name}"] = first

    def show(self) -> JsonObject:
        """Return all that holds."""
        bars = self.access.bars
        objects: dict[str, Json] = {name: [*sorted(taken)] for name, taken in bars.objects.items()}
        return {
            "objects": objects,
            "hidden": [*sorted(bars.hidden)],
            "read_only": [*sorted(bars.closed)],
            "renamed": dict(sorted(self._renamed.items())),
            "types": {name: self._entity(name.partition(".")[0]).fields[name.partition(".")[2]].type
                      for name in sorted(self._types)},
        }  # fmt: skip

    def restore(self) -> JsonObject:
        """Give everything back as it was."""
        for name, first in list(self._renamed.items()):
            self._field(name, {"rename": first})
        for name, was in self._types.items():
            self._entity(name.partition(".")[0]).add(was)
        self._types.clear()
        bars = self.access.bars
        bars.objects.clear()
        bars.hidden.clear()
        bars.closed.clear()
        self.schema.version += 1
        self.access.changed()
        return self.show()
