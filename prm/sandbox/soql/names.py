"""What the names of a query mean: its object, fields, and the parents they are reached through."""

from __future__ import annotations

from typing import TypeAlias

from prm.sandbox.access.models import Access, Person
from prm.sandbox.kit.errors import SandboxError, invalid_type
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.soql.errors import invalid_field, located
from prm.sandbox.soql.models import Query

MAX_LEVELS = 5
Path: TypeAlias = tuple[str, ...]


class Names:
    """Resolves the names of one query of `text` for one user, and joins the parents it meets."""

    def __init__(
        self, schema: Schema, access: Access, person: Person, text: str, query: Query, *, tooling: bool
    ) -> None:
        self._schema, self._access, self._person = schema, access, person
        self.text, self._tooling = text, tooling
        self.entity = self._find_entity(query)
        self.parents: dict[Path, tuple[str, Entity]] = {(): ("t", self.entity)}
        self.sources = [f"{self.entity.table} t"]

    def _find_entity(self, query: Query) -> Entity:
        name = query.entity.lower()
        catalogue = self._schema.tooling.get(name)
        if catalogue is not None and (self._tooling or name.endswith("definition")):
            return catalogue
        try:
            return self._access.entity(self._person, query.entity)
        except SandboxError as error:
            message = located(self.text, query.entity_at, invalid_type(query.entity).message)
            raise SandboxError(error.code, message) from None

    def resolve(self, dotted: str, at: int) -> tuple[str, Field, Path]:
        """Return SQL, field and parent path of a dotted name; INVALID_FIELD when it means nothing."""
        *steps, last = dotted.split(".")
        if steps and steps[0].lower() == self.entity.name.lower():
            steps = steps[1:]
        if len(steps) > MAX_LEVELS:
            message = f"{dotted}: only {MAX_LEVELS} levels of parents may be traversed"
            raise invalid_field(self.text, at, message)
        path: Path = ()
        for step in steps:
            path = self._join(path, step, at)
        alias, entity = self.parents[path]
        found = self._access.view(self._person, entity).find(last)
        if found is None:
            raise invalid_field(
                self.text,
                at,
                f"No such column '{last}' on entity '{entity.name}'. If you are attempting to use a custom "
                "field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
                "describe call for the appropriate names.",
            )
        return f'{alias}."{found.name}"', found, path

    def _join(self, path: Path, step: str, at: int) -> Path:
        """Return the path one parent further up, its table joined."""
        alias, entity = self.parents[path]
        link = self._access.view(self._person, entity).relationships.get(step.lower())
        if link is None or len(link.reference_to) != 1:
            raise invalid_field(
                self.text,
                at,
                f"Didn't understand relationship '{step}' in field path. If you are attempting to use a custom "
                "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
                "WSDL or the describe call for the appropriate names.",
            )
        further = (*path, link.relationship)
        if further not in self.parents:
            name = link.reference_to[0].lower()
            target = self._schema.tooling.get(name) or self._schema.entities[name]
            fresh = f"p{len(self.parents)}"
            self.parents[further] = (fresh, target)
            self.sources.append(f'LEFT JOIN {target.table} {fresh} ON {fresh}."Id" = {alias}."{link.name}"')
        return further
