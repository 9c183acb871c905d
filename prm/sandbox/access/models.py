"""Users and what they may see and do."""

from __future__ import annotations

from dataclasses import dataclass, field

from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import SandboxError, invalid_type, not_found
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.store.models import Store

RIGHTS = ("create", "read", "edit", "delete")


@dataclass(slots=True)
class Bars:
    """What an administrator has taken from the integration user: rights on objects, sight and change of fields.

    By names of objects, and of fields as `Account.Phone`. They hold until the process ends.
    """

    objects: dict[str, set[str]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Person:
    """A user in whose name something is done."""

    id: str
    admin: bool = False


@dataclass(slots=True)
class View:
    """An object as one user sees it: fields by lower-case name, and which may be written."""

    fields: dict[str, Field] = field(default_factory=dict)
    relationships: dict[str, Field] = field(default_factory=dict)
    editable: set[str] = field(default_factory=set)

    def find(self, name: str) -> Field | None:
        """Return the field of that name, whatever its case, when it is there for this user."""
        return self.fields.get(name.lower())


class Access:
    """Rights, worked out once per user and object until permissions or schema change."""

    def __init__(self, schema: Schema, store: Store, clock: Clock) -> None:
        self._schema, self._store, self._clock = schema, store, clock
        self.changed_at = clock.stamp()
        self.bars = Bars()
        self._views: dict[tuple[str, str], View] = {}
        self._rights: dict[tuple[str, str], dict[str, bool]] = {}

    def changed(self) -> None:
        """Forget what was worked out: permissions, objects or fields changed, or changes went back."""
        self._views = {}
        self._rights = {}
        self.changed_at = self._clock.stamp()

    def rights(self, person: Person, entity: Entity) -> dict[str, bool]:
        """Return for create, read, edit and delete whether they are allowed."""
        if person.admin:
            return dict.fromkeys(RIGHTS, True)
        key = (person.id, entity.name)
        if key not in self._rights:
            granted = self._object_rights(person, entity) if entity.custom else dict.fromkeys(RIGHTS, True)
            barred = self.bars.objects.get(entity.name, set())
            self._rights[key] = {right: granted[right] and right not in barred for right in RIGHTS}
        return self._rights[key]

    def _object_rights(self, person: Person, entity: Entity) -> dict[str, bool]:
        columns = ", ".join(f'max(o."Permissions{right.title()}") AS "{right}"' for right in RIGHTS)
        found = self._store.row(
            f'SELECT {columns} FROM "ObjectPermissions" o JOIN "PermissionSetAssignment" a'
            ' ON a."PermissionSetId" = o."ParentId" WHERE a."AssigneeId" = ? AND o."SobjectType" = ?',  # nosec B608 # names are our own, values are parameters
            (person.id, entity.name),
        )
        return {right: bool(found and found[right]) for right in RIGHTS}

    def entity(self, person: Person, name: str, right: str = "read") -> Entity:
        """Return the object of that name; INVALID_TYPE when it is not there for this user."""
        found = self._schema.find(name)
        if found is None or not self.rights(person, found)["read"]:
            raise invalid_type(name)
        if right != "read" and not (found.writable and self.rights(person, found)[right]):
            raise SandboxError(
                "INSUFFICIENT_ACCESS_OR_READONLY",
                f"insufficient access rights on object: you may not {right} {found.name}",
                status=403,
            )
        return found

    def addressed(self, person: Person, name: str) -> Entity:
        """Return the object named in a path, where one that is not there is NOT_FOUND."""
        try:
            return self.entity(person, name)
        except SandboxError as error:
            raise not_found() if error.code == "INVALID_TYPE" else error from None

    def view(self, person: Person, entity: Entity) -> View:
        """Return the object's fields that exist for this user."""
        key = ("admin" if person.admin else person.id, entity.table)
        if key not in self._views:
            self._views[key] = self._make_view(person, entity)
        return self._views[key]

    def _make_view(self, person: Person, entity: Entity) -> View:
        grants = self._grants(person, entity)
        view = View()
        for each in entity.fields.values():
            open_to_all = person.admin or not each.custom or each.required
            read, edit = (True, True) if open_to_all else grants.get(each.name.lower(), (False, False))
            name = f"{entity.name}.{each.name}"
            if not read or (name in self.bars.hidden and not person.admin):
                continue
            view.fields[each.name.lower()] = each
            if each.relationship:
                view.relationships[each.relationship.lower()] = each
            if edit and (person.admin or name not in self.bars.closed):
                view.editable.add(each.name)
        return view

    def _grants(self, person: Person, entity: Entity) -> dict[str, tuple[bool, bool]]:
        rows = self._store.tuples(
            'SELECT f."Field", max(f."PermissionsRead"), max(f."PermissionsEdit") FROM "FieldPermissions" f'
            ' JOIN "PermissionSetAssignment" a ON a."PermissionSetId" = f."ParentId"'
            ' WHERE a."AssigneeId" = ? AND f."SobjectType" = ? GROUP BY f."Field"',
            (person.id, entity.name),
        )
        return {str(name).partition(".")[2].lower(): (bool(read), bool(edit)) for name, read, edit in rows}
