"""SOQL tree to SQL, with the checks Salesforce makes on fields, types and literals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from prm.sandbox.access.models import Access, Person
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import Value
from prm.sandbox.schema.models import NUMBER_TYPES, Entity, Field, Schema
from prm.sandbox.soql.conditions import Conditions, looks_at
from prm.sandbox.soql.errors import invalid_field, malformed
from prm.sandbox.soql.models import Item, Query
from prm.sandbox.soql.names import Names, Path

_COUNT = Field("count", "int")


@dataclass(frozen=True, slots=True)
class Column:
    """One selected value: where it goes in the record, and how it is shown."""

    path: Path
    field: Field
    name: str


@dataclass(slots=True)
class Compiled:
    """A query ready to run. `select` begins with the ids that tell whether parents exist."""

    query: Query
    entity: Entity
    columns: list[Column] = field(default_factory=list)
    select: list[str] = field(default_factory=list)
    parents: list[tuple[Path, Entity]] = field(default_factory=list)
    source: str = ""
    where: str = ""
    params: Sequence[Value] = ()
    order: str = ""
    group: str = ""

    def sql(self, columns: str, *, tail: str = "") -> str:
        """Return the statement that selects these columns."""
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {columns} FROM {self.source}{where}{self.group}{self.order}{tail}"  # nosec B608 # names are our own, values are parameters


class Compiler:
    """Compiles queries of `text` for one user; `tooling` ones look into the catalogue."""

    def __init__(
        self,
        schema: Schema,
        access: Access,
        person: Person,
        text: str,
        today: dt.date,
        *,
        tooling: bool = False,
    ) -> None:
        self._schema, self._access, self._person = schema, access, person
        self._text, self._today, self._tooling = text, today, tooling

    def compile(self, query: Query, *, all_rows: bool = False) -> Compiled:
        """Return the compiled query; `all_rows` includes the recycle bin."""
        names = Names(self._schema, self._access, self._person, self._text, query, tooling=self._tooling)
        conditions = Conditions(names, self._today, self._inner)
        made = Compiled(query, names.entity)
        if query.aggregate:
            self._aggregates(made, names)
        elif not query.count_only:
            self._fields(made, names)
        parts = [] if all_rows or not names.entity.recycles else ['t."IsDeleted" = 0']
        if query.where is not None:
            parts.append(conditions.sql(query.where))
        made.where = " AND ".join(parts)
        if query.group:
            made.group = " GROUP BY " + ", ".join(
                names.resolve(item.path, item.at)[0] for item in query.group
            )
        made.order = self._order(query, names)
        made.source, made.params = " ".join(names.sources), conditions.params
        if names.entity.name == "FieldDefinition" and not looks_at(
            query.where, ("entitydefinition", "durableid")
        ):
            raise SandboxError(
                "MALFORMED_QUERY",
                "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
            )
        return made

    def _inner(self, query: Query) -> tuple[str, Sequence[Value]]:
        """Return the SQL of a semi-join's query, and its parameters."""
        inner = self.compile(query)
        if query.aggregate or query.count_only or len(inner.columns) != 1:
            raise SandboxError("MALFORMED_QUERY", "A semi-join selects exactly one field")
        return inner.sql(inner.select[-1]), inner.params

    def _fields(self, made: Compiled, names: Names) -> None:
        seen: set[tuple[str, ...]] = set()
        values: list[str] = []
        for item in made.query.items:
            sql, found, path = names.resolve(item.path, item.at)
            if (*path, found.name) in seen:
                raise invalid_field(self._text, item.at, f"duplicate field selected: {item.path}")
            seen.add((*path, found.name))
            made.columns.append(Column(path, found, found.name))
            values.append(sql)
        made.parents = [(path, entity) for path, (_, entity) in names.parents.items()]
        made.select = [f'{alias}."Id"' for alias, _ in names.parents.values()] + values

    def _aggregates(self, made: Compiled, names: Names) -> None:
        grouped = {item.path.lower() for item in made.query.group}
        unnamed = 0
        for item in made.query.items:
            if item.function:
                name = item.alias or f"expr{unnamed}"
                unnamed += not item.alias
                sql, found = self._aggregate(item, names)
            elif item.path.lower() in grouped:
                sql, found, _ = names.resolve(item.path, item.at)
                name = found.name
            else:
                raise malformed(self._text, item.at, f"Field must be grouped or aggregated: {item.path}")
            made.columns.append(Column((), found, name))
            made.select.append(sql)

    def _aggregate(self, item: Item, names: Names) -> tuple[str, Field]:
        if not item.path:
            return "count(*)", _COUNT
        sql, found, _ = names.resolve(item.path, item.at)
        if item.function in ("SUM", "AVG") and found.type not in NUMBER_TYPES:
            message = f"field {item.path} does not support aggregate operator {item.function}"
            raise malformed(self._text, item.at, message)
        if item.function == "COUNT_DISTINCT":
            return f"count(DISTINCT {sql})", _COUNT
        return f"{item.function.lower()}({sql})", _COUNT if item.function == "COUNT" else found

    def _order(self, query: Query, names: Names) -> str:
        parts = []
        for each in query.order:
            sql, found, _ = names.resolve(each.path, each.at)
            if found.long_text:
                message = f"field '{found.name}' can not be sorted in a query call"
                raise invalid_field(self._text, each.at, message)
            # Nothing is null in Id and stamps; without the clause SQLite can walk the index.
            place = f" NULLS {'LAST' if each.nulls_last else 'FIRST'}"
            nulls = "" if found.name in ("Id", "SystemModstamp") else place
            parts.append(f"{sql}{' DESC' if each.descending else ''}{nulls}")
        return " ORDER BY " + ", ".join(parts) if parts else ""
