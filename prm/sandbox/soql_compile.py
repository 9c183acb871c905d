"""SOQL tree to SQL, with the checks Salesforce makes on fields, types and literals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prm.sandbox.access import Person
from prm.sandbox.clock import stamp_text
from prm.sandbox.errors import SandboxError, invalid_type
from prm.sandbox.ids import to18
from prm.sandbox.schema import NUMBER_TYPES, Entity, Field
from prm.sandbox.soql import (
    Combine,
    Compare,
    Condition,
    Item,
    Literal,
    Negate,
    Order,
    Query,
    decode_string,
    located,
)
from prm.sandbox.soql_dates import literal_range
from prm.sandbox.values import parse_moment

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

MAX_LEVELS = 5
MAX_LITERAL = 4000


@dataclass(slots=True)
class Column:
    """One selected value: where it goes in the record, and how it is shown."""

    path: list[str]
    field: Field
    name: str = ""


@dataclass(slots=True)
class Compiled:
    """A query ready to run. ``select`` begins with the ids that tell whether parents exist."""

    query: Query
    entity: Entity
    columns: list[Column] = field(default_factory=list)
    select: list[str] = field(default_factory=list)
    parents: list[tuple[list[str], Entity]] = field(default_factory=list)
    source: str = ""
    where: str = ""
    params: list[Any] = field(default_factory=list)
    order: str = ""
    group: str = ""
    count_only: bool = False
    aggregate: bool = False

    def sql(self, columns: str, *, tail: str = "") -> str:
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {columns} FROM {self.source}{where}{self.group}{self.order}{tail}"


class Compiler:
    """Compiles one query for one user; ``entities`` are those of the API asked (data or tooling)."""

    def __init__(self, org: SandboxOrg, person: Person, query: Query, *, tooling: bool = False) -> None:
        self._org, self._person, self._query, self._tooling = org, person, query, tooling
        self._joins: dict[tuple[str, ...], tuple[str, Entity]] = {}
        self._sources: list[str] = []
        self._params: list[Any] = []
        self._entity = self._find_entity(query.entity)

    def compile(self, *, all_rows: bool = False) -> Compiled:
        """The compiled query; ``all_rows`` includes the recycle bin."""
        query, entity = self._query, self._entity
        self._joins[()] = ("t", entity)
        self._sources.append(f"{entity.table} t")
        made = Compiled(query, entity)
        made.count_only = (
            len(query.items) == 1 and query.items[0].function == "COUNT" and not query.items[0].path
        )
        made.aggregate = not made.count_only and (
            bool(query.group) or any(item.function for item in query.items)
        )
        if made.aggregate:
            self._aggregates(made)
        elif not made.count_only:
            self._fields(made)
        conditions = [] if all_rows or not entity.recycles else ['t."IsDeleted" = 0']
        if query.where is not None:
            conditions.append(self._condition(query.where))
        made.where = " AND ".join(conditions)
        if query.group:
            made.group = " GROUP BY " + ", ".join(self._sql_of(item.path, item.at)[0] for item in query.group)
        made.order = self._order(query.order)
        made.source, made.params = " ".join(self._sources), self._params
        if entity.name == "FieldDefinition" and not _looks_at(query.where, ("entitydefinition", "durableid")):
            raise SandboxError(
                "MALFORMED_QUERY",
                "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
            )
        return made

    # Names

    def _find_entity(self, name: str) -> Entity:
        catalogue = self._org.tooling.get(name.lower())
        if catalogue is not None and (self._tooling or name.lower().endswith("definition")):
            return catalogue
        try:
            return self._org.access.entity(self._person, name)
        except SandboxError as error:
            message = invalid_type(name).message
            raise SandboxError(
                error.code, located(self._query.text, self._query.entity_at, message)
            ) from None

    def _resolve(self, path: str, at: int) -> tuple[str, Field, list[str], Entity]:
        """SQL alias, field, parent path and object of a dotted name."""
        steps = path.split(".")
        if steps[0].lower() == self._entity.name.lower() and len(steps) > 1:
            steps = steps[1:]
        if len(steps) > MAX_LEVELS + 1:
            raise self._invalid(at, f"{path}: only {MAX_LEVELS} levels of parents may be traversed")
        done: list[str] = []
        for step in steps[:-1]:
            done.append(self._join(tuple(done), step, at))
        alias, entity = self._joins[tuple(done)]
        found = self._org.access.view(self._person, entity).find(steps[-1])
        if found is None:
            raise self._invalid(
                at,
                f"No such column '{steps[-1]}' on entity '{entity.name}'. If you are attempting to use a custom "
                "field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
                "describe call for the appropriate names.",
            )
        return alias, found, done, entity

    def _join(self, done: tuple[str, ...], step: str, at: int) -> str:
        alias, entity = self._joins[done]
        link = self._org.access.view(self._person, entity).relationships.get(step.lower())
        if link is None or len(link.reference_to) != 1:
            raise self._invalid(
                at,
                f"Didn't understand relationship '{step}' in field path. If you are attempting to use a custom "
                "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
                "WSDL or the describe call for the appropriate names.",
            )
        key = (*done, link.relationship)
        if key not in self._joins:
            name = link.reference_to[0].lower()
            target = self._org.tooling[name] if name in self._org.tooling else self._org.entities[name]
            fresh = f"p{len(self._joins)}"
            self._joins[key] = (fresh, target)
            self._sources.append(f'LEFT JOIN {target.table} {fresh} ON {fresh}."Id" = {alias}."{link.name}"')
        return link.relationship

    def _sql_of(self, path: str, at: int) -> tuple[str, Field]:
        alias, found, _, _ = self._resolve(path, at)
        return f'{alias}."{found.name}"', found

    def _invalid(self, at: int, message: str) -> SandboxError:
        return SandboxError("INVALID_FIELD", located(self._query.text, at, message))

    # Selected things

    def _fields(self, made: Compiled) -> None:
        seen: set[tuple[str, ...]] = set()
        values: list[str] = []
        for item in self._query.items:
            alias, found, path, _ = self._resolve(item.path, item.at)
            if (*path, found.name) in seen:
                raise self._invalid(item.at, f"duplicate field selected: {item.path}")
            seen.add((*path, found.name))
            made.columns.append(Column(path, found))
            values.append(f'{alias}."{found.name}"')
        made.parents = [(list(path), entity) for path, (_, entity) in self._joins.items()]
        made.select = [f'{alias}."Id"' for alias, _ in self._joins.values()] + values

    def _aggregates(self, made: Compiled) -> None:
        grouped = {item.path.lower() for item in self._query.group}
        unnamed = 0
        for item in self._query.items:
            if not item.function:
                if item.path.lower() not in grouped:
                    raise self._malformed(item, f"Field must be grouped or aggregated: {item.path}")
                sql, found = self._sql_of(item.path, item.at)
                made.columns.append(Column([], found, found.name))
            else:
                name = item.alias or f"expr{unnamed}"
                unnamed += not item.alias
                sql, found = self._aggregate(item)
                made.columns.append(Column([], found, name))
            made.select.append(sql)

    def _aggregate(self, item: Item) -> tuple[str, Field]:
        if not item.path:
            return "count(*)", Field("count", "int")
        sql, found = self._sql_of(item.path, item.at)
        if item.function in ("SUM", "AVG") and found.type not in NUMBER_TYPES:
            raise self._malformed(
                item, f"field {item.path} does not support aggregate operator {item.function}"
            )
        if item.function == "COUNT_DISTINCT":
            return f"count(DISTINCT {sql})", Field("count", "int")
        if item.function == "COUNT":
            return f"count({sql})", Field("count", "int")
        return f"{item.function.lower()}({sql})", found

    def _malformed(self, item: Item, message: str) -> SandboxError:
        return SandboxError("MALFORMED_QUERY", located(self._query.text, item.at, message))

    def _order(self, order: list[Order]) -> str:
        parts = []
        for each in order:
            sql, found = self._sql_of(each.path, each.at)
            if found.long_text:
                raise self._invalid(each.at, f"field '{found.name}' can not be sorted in a query call")
            # Nothing is null in Id and stamps; without the clause SQLite can walk the index.
            nulls = (
                ""
                if found.name in ("Id", "SystemModstamp")
                else f" NULLS {'LAST' if each.nulls_last else 'FIRST'}"
            )
            parts.append(f"{sql}{' DESC' if each.descending else ''}{nulls}")
        return " ORDER BY " + ", ".join(parts) if parts else ""

    # Conditions

    def _condition(self, condition: Condition) -> str:  # noqa: PLR0911 - one return per operator
        if isinstance(condition, Negate):
            return f"NOT COALESCE({self._condition(condition.inner)}, 0)"
        if isinstance(condition, Combine):
            return "(" + f" {condition.joiner} ".join(self._condition(part) for part in condition.parts) + ")"
        sql, found = self._sql_of(condition.path, condition.at)
        if found.long_text:
            raise self._invalid(condition.at, f"field '{found.name}' can not be filtered in a query call")
        if condition.query is not None:
            return self._semi_join(sql, condition)
        if condition.operator in ("IN", "NOT IN"):
            return self._membership(sql, found, condition)
        if condition.operator in ("INCLUDES", "EXCLUDES"):
            return self._includes(sql, found, condition)
        if condition.operator == "LIKE":
            return self._like(sql, found, condition)
        return self._compare(sql, found, condition)

    def _compare(self, sql: str, found: Field, condition: Compare) -> str:
        operator, literal = condition.operator, condition.values[0]
        ranged = self._range(found, literal)
        if ranged:
            return self._in_range(sql, operator, ranged)
        value = self._value(found, literal)
        if operator in ("=", "!="):
            if value is None:
                return f"{sql} IS {'NOT ' if operator == '!=' else ''}NULL"
            self._params.append(value)
            # IS is two-valued, as SOQL is, and still uses an index.
            return f"{sql} IS {'NOT ' if operator == '!=' else ''}?"
        if value is None or found.type == "boolean":
            raise self._invalid(condition.at, f"invalid operator on {found.type} field: {operator}")
        self._params.append(value)
        return f"{sql} {operator} ?"

    def _in_range(self, sql: str, operator: str, ranged: tuple[str, str]) -> str:
        first, after = ranged
        if operator in ("=", "!="):
            self._params += [first, after]
            inside = f"({sql} >= ? AND {sql} < ?)"
            return inside if operator == "=" else f"NOT COALESCE({inside}, 0)"
        self._params.append(after if operator in (">", "<=") else first)
        return f"{sql} {'>=' if operator in ('>', '>=') else '<'} ?"

    def _membership(self, sql: str, found: Field, condition: Compare) -> str:
        values = [self._value(found, literal) for literal in condition.values]
        given = [value for value in values if value is not None]
        parts = []
        if given:
            self._params += given
            parts.append(f"{sql} IN ({', '.join('?' * len(given))})")
        if len(given) < len(values):
            parts.append(f"{sql} IS NULL")
        inside = "(" + " OR ".join(parts) + ")"
        return inside if condition.operator == "IN" else f"NOT COALESCE({inside}, 0)"

    def _semi_join(self, sql: str, condition: Compare) -> str:
        inner_query = condition.query
        assert inner_query is not None
        inner = Compiler(self._org, self._person, inner_query, tooling=self._tooling).compile()
        if inner.aggregate or inner.count_only or len(inner.columns) != 1:
            raise SandboxError("MALFORMED_QUERY", "A semi-join selects exactly one field")
        self._params += inner.params
        keep = "" if condition.operator == "IN" else "NOT "
        return f"{keep}COALESCE({sql} IN ({inner.sql(inner.select[-1])}), 0)"

    def _includes(self, sql: str, found: Field, condition: Compare) -> str:
        if found.type != "multipicklist":
            raise self._invalid(
                condition.at, f"{condition.operator} is only valid for multi-select picklists"
            )
        parts = []
        for literal in condition.values:
            wanted = str(self._value(found, literal) or "").split(";")
            self._params += [f";{part};" for part in wanted]
            parts.append("(" + " AND ".join([f"instr(';' || {sql} || ';', ?) > 0"] * len(wanted)) + ")")
        joined = f"COALESCE({' OR '.join(parts)}, 0)"
        return joined if condition.operator == "INCLUDES" else f"NOT {joined}"

    def _like(self, sql: str, found: Field, condition: Compare) -> str:
        literal = condition.values[0]
        if literal.kind != "string" or found.type in (
            *NUMBER_TYPES,
            "boolean",
            "date",
            "datetime",
            "id",
            "reference",
        ):
            raise self._invalid(condition.at, "invalid operator on " + found.type + " field: LIKE")
        self._params.append(decode_string(literal, self._query.text, like=True))
        return f"{sql} LIKE ? ESCAPE '\\'"

    # Literals

    def _range(self, found: Field, literal: Literal) -> tuple[str, str] | None:
        if literal.kind != "word" or found.type not in ("date", "datetime"):
            return None
        days = literal_range(literal.text, self._org.clock.now().date())
        if days is None:
            return None
        if found.type == "date":
            return days[0].isoformat(), days[1].isoformat()
        return f"{days[0].isoformat()}T00:00:00Z", f"{days[1].isoformat()}T00:00:00Z"

    def _value(self, found: Field, literal: Literal) -> Any:
        """The stored form of a literal; INVALID_FIELD when its kind does not fit the field."""
        if literal.kind == "word" and literal.text.lower() == "null":
            return None
        kind = found.type
        if kind == "boolean" and literal.kind == "word" and literal.text.lower() in ("true", "false"):
            return int(literal.text.lower() == "true")
        if kind in NUMBER_TYPES and literal.kind == "number":
            return float(literal.text)
        if kind == "date" and literal.kind == "date":
            return self._day(literal)
        if kind == "datetime" and literal.kind in ("moment", "date"):
            return self._moment(literal)
        if literal.kind == "string" and kind not in (*NUMBER_TYPES, "boolean", "date", "datetime"):
            return self._text(found, literal)
        raise self._wrong_literal(found, literal)

    def _text(self, found: Field, literal: Literal) -> str | None:
        text = decode_string(literal, self._query.text)
        if len(text) > MAX_LITERAL:
            raise SandboxError("MALFORMED_QUERY", f"string literal longer than {MAX_LITERAL} characters")
        if found.type not in ("id", "reference") or self._entity.tooling:
            return text or None
        normal = to18(text)
        if text and normal is None:
            raise SandboxError(
                "INVALID_QUERY_FILTER_OPERATOR",
                located(self._query.text, literal.at, f"invalid ID field: {text}"),
            )
        return normal

    def _day(self, literal: Literal) -> str:
        try:
            return dt.date.fromisoformat(literal.text).isoformat()
        except ValueError:
            raise self._invalid(literal.at, f"invalid date: {literal.text}") from None

    def _moment(self, literal: Literal) -> str:
        text = literal.text.upper() if literal.kind == "moment" else f"{self._day(literal)}T00:00:00Z"
        moment = parse_moment(text)
        if moment is None:
            raise self._invalid(literal.at, f"invalid dateTime: {literal.text}")
        return stamp_text(moment)

    def _wrong_literal(self, found: Field, literal: Literal) -> SandboxError:
        kind = {"datetime": "dateTime", "currency": "double", "percent": "double"}.get(found.type, found.type)
        text_kind = found.type not in (*NUMBER_TYPES, "boolean", "date", "datetime")
        quotes = "should be enclosed in quotes" if text_kind else "should not be enclosed in quotes"
        kind = "string" if text_kind and kind not in ("id", "reference") else kind
        return self._invalid(
            literal.at,
            f"value of filter criterion for field '{found.name}' must be of type {kind} and {quotes}",
        )


def _looks_at(condition: Condition | None, names: tuple[str, ...]) -> bool:
    """Whether a condition compares a field whose path begins with one of the lower-case names."""
    if condition is None:
        return False
    if isinstance(condition, Combine):
        return any(_looks_at(part, names) for part in condition.parts)
    if isinstance(condition, Negate):
        return _looks_at(condition.inner, names)
    return condition.path.lower().startswith(names)
