"""WHERE: conditions to SQL that is two-valued, as SOQL is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import Value
from prm.sandbox.schema.models import Field
from prm.sandbox.soql.errors import invalid_field
from prm.sandbox.soql.literals import Literals, day_range, decode_string, is_text
from prm.sandbox.soql.models import Combine, Compare, Condition, Negate, Query
from prm.sandbox.soql.names import Names

# The SQL of an inner query that selects one field, and its parameters.
Inner: TypeAlias = Callable[[Query], tuple[str, Sequence[Value]]]


def looks_at(condition: Condition | None, names: tuple[str, ...]) -> bool:
    """Tell whether a condition compares a field whose path begins with one of the lower-case names."""
    if condition is None:
        return False
    if isinstance(condition, Combine):
        return any(looks_at(part, names) for part in condition.parts)
    if isinstance(condition, Negate):
        return looks_at(condition.inner, names)
    return condition.path.lower().startswith(names)


class Conditions:
    """Compiles the conditions of one query; the values go into `params` in order."""

    def __init__(self, names: Names, today: dt.date, inner: Inner) -> None:
        self.params: list[Value] = []
        self._names, self._today, self._inner = names, today, inner
        self._literals = Literals(names.text)
        self._operators: dict[str, Callable[[str, Field, Compare], str]] = {
            "IN": self._membership,
            "NOT IN": self._membership,
            "INCLUDES": self._includes,
            "EXCLUDES": self._includes,
            "LIKE": self._like,
        }

    def sql(self, condition: Condition) -> str:
        """Return the SQL of a condition."""
        if isinstance(condition, Negate):
            return f"NOT COALESCE({self.sql(condition.inner)}, 0)"
        if isinstance(condition, Combine):
            return "(" + f" {condition.joiner} ".join(self.sql(part) for part in condition.parts) + ")"
        sql, field, _ = self._names.resolve(condition.path, condition.at)
        if field.long_text:
            message = f"field '{field.name}' can not be filtered in a query call"
            raise invalid_field(self._names.text, condition.at, message)
        if condition.query is not None:
            return self._semi_join(sql, condition.operator, condition.query)
        return self._operators.get(condition.operator, self._compare)(sql, field, condition)

    def _value(self, field: Field, condition: Compare, index: int = 0) -> Value:
        tooling = self._names.entity.tooling
        return self._literals.value(field, condition.values[index], tooling=tooling)

    def _wrong_operator(self, field: Field, condition: Compare) -> SandboxError:
        message = f"invalid operator on {field.type} field: {condition.operator}"
        return invalid_field(self._names.text, condition.at, message)

    def _compare(self, sql: str, field: Field, condition: Compare) -> str:
        operator = condition.operator
        days = day_range(field, condition.values[0], self._today)
        if days:
            return self._in_range(sql, operator, days)
        value = self._value(field, condition)
        if operator in ("=", "!="):
            # IS is two-valued, as SOQL is, and still uses an index.
            self.params.append(value)
            return f"{sql} IS {'NOT ' if operator == '!=' else ''}?"
        if value is None or field.type == "boolean":
            raise self._wrong_operator(field, condition)
        self.params.append(value)
        return f"{sql} {operator} ?"

    def _in_range(self, sql: str, operator: str, days: tuple[str, str]) -> str:
        first, after = days
        if operator in ("=", "!="):
            self.params += [first, after]
            inside = f"({sql} >= ? AND {sql} < ?)"
            return inside if operator == "=" else f"NOT COALESCE({inside}, 0)"
        self.params.append(after if operator in (">", "<=") else first)
        return f"{sql} {'>=' if operator in ('>', '>=') else '<'} ?"

    def _membership(self, sql: str, field: Field, condition: Compare) -> str:
        values = [self._value(field, condition, index) for index in range(len(condition.values))]
        given = [value for value in values if value is not None]
        parts = []
        if given:
            self.params += given
            parts.append(f"{sql} IN ({', '.join('?' * len(given))})")
        if len(given) < len(values):
            parts.append(f"{sql} IS NULL")
        inside = "(" + " OR ".join(parts) + ")"
        return inside if condition.operator == "IN" else f"NOT COALESCE({inside}, 0)"

    def _semi_join(self, sql: str, operator: str, query: Query) -> str:
        inner, params = self._inner(query)
        self.params += params
        return f"{'' if operator == 'IN' else 'NOT '}COALESCE({sql} IN ({inner}), 0)"

    def _includes(self, sql: str, field: Field, condition: Compare) -> str:
        if field.type != "multipicklist":
            message = f"{condition.operator} is only valid for multi-select picklists"
            raise invalid_field(self._names.text, condition.at, message)
        parts = []
        for index in range(len(condition.values)):
            wanted = str(self._value(field, condition, index) or "").split(";")
            self.params += [f";{part};" for part in wanted]
            parts.append("(" + " AND ".join([f"instr(';' || {sql} || ';', ?) > 0"] * len(wanted)) + ")")
        joined = f"COALESCE({' OR '.join(parts)}, 0)"
        return joined if condition.operator == "INCLUDES" else f"NOT {joined}"

    def _like(self, sql: str, field: Field, condition: Compare) -> str:
        literal = condition.values[0]
        if literal.kind != "string" or not is_text(field) or field.type in ("id", "reference"):
            raise self._wrong_operator(field, condition)
        self.params.append(decode_string(literal, like=True))
        return f"{sql} LIKE ? ESCAPE '\\'"
