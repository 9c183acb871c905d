"""An order that ends with a unique key, and the rows that stand after a place in it.

Rows that sort the same come in any order, another one for each page: cut into pages, some would be
shown twice and others never. Every list therefore ends its order with the primary key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy

M = TypeVar("M", bound=Model)
_Asked = str | Combinable | OrderBy


@dataclass(frozen=True)
class Term:
    """One part of an order. `path` is a field, a path over relations or an annotation.

    PostgreSQL sorts nulls as if they were larger than everything; `nulls_first` says where they are.
    """

    path: str
    descending: bool
    nullable: bool
    nulls_first: bool

    def order(self) -> OrderBy:
        """Return the expression; where nulls stand is said only if it is not PostgreSQL's own way (indexes)."""
        usual = self.nulls_first == self.descending or not self.nullable
        first, last = (None, None) if usual else (self.nulls_first or None, not self.nulls_first or None)
        return OrderBy(F(self.path), descending=self.descending, nulls_first=first, nulls_last=last)

    def turned(self) -> "Term":
        """Return the same the other way round."""
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    def same(self, value: object) -> Q:
        """Rows that have this value."""
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def after(self, value: object) -> Q | None:
        """Rows that come after this value, or None when no row can."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.nulls_first else None
        later = Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        if self.nullable and not self.nulls_first:
            later |= Q(**{f"{self.path}__isnull": True})
        return later

    def bound(self, value: object) -> Q:
        """Rows not before this value: true of all that come after, and an index can start there."""
        if value is None or self.nullable:
            return Q()
        return Q(**{f"{self.path}__{'lte' if self.descending else 'gte'}": value})


def ended(queryset: QuerySet[M]) -> QuerySet[M]:
    """Return the list in its own order, ending with the primary key (in the direction of its first part)."""
    asked = _asked(queryset)
    key = queryset.model._meta.pk.name
    if any(_path(one) in {"pk", key} for one in asked):
        return queryset
    return queryset.order_by(*asked, "-pk" if asked and _descends(asked[0]) else "pk")


def terms_of(queryset: QuerySet[M]) -> tuple[Term, ...]:
    """Return the parts of the order of a list, up to the primary key, which it must have."""
    key = queryset.model._meta.pk.name
    found = []
    for one in _asked(queryset):
        path, descending = _path(one), _descends(one)
        first = descending
        if isinstance(one, OrderBy) and (one.nulls_first or one.nulls_last):
            first = bool(one.nulls_first)
        found.append(Term(path, descending, _nullable(queryset, path), first))
        if path in {"pk", key}:
            return tuple(found)
    raise ValueError(f"The order of {queryset.model.__name__} does not end with its key.")


def after(
    queryset: QuerySet[M], terms: Sequence[Term], values: Sequence[object], *, with_edge: bool = False
) -> QuerySet[M]:
    """Keep the rows that come after a row with these values of the terms; *with_edge* that row as well."""
    later, same = Q(pk__in=[]), Q()
    for term, value in zip(terms, values, strict=True):
        beyond = term.after(value)
        if beyond is not None:
            later |= same & beyond
        same &= term.same(value)
    return queryset.filter(terms[0].bound(values[0]) & (later | same if with_edge else later))


def value_of(row: Model, path: str) -> object:
    """Return the value of a path of a row; None where a relation on the way leads nowhere."""
    value: object = row
    for name in path.split("__"):
        value = getattr(value, name, None)
        if value is None:
            return None
    return value


def field_of(queryset: QuerySet[M], path: str) -> "Field[object, object]":
    """Return the field at the end of a path, or the one an annotation has."""
    if path in queryset.query.annotations:
        found: Field[object, object] = queryset.query.annotations[path].output_field
        return found
    return _fields(queryset, path)[-1]


def _fields(queryset: QuerySet[M], path: str) -> "list[Field[object, object]]":
    model: type[Model] = queryset.model
    found: list[Field[object, object]] = []
    for name in path.split("__"):
        # From its other end a relation is no Field, but has what is asked of one here.
        field = cast("Field[object, object]", model._meta.pk if name == "pk" else model._meta.get_field(name))
        found.append(field)
        model = field.related_model or model
    return found


def _nullable(queryset: QuerySet[M], path: str) -> bool:
    """Whether a row may have nothing there; a relation seen from its other end may always be missing."""
    if path in queryset.query.annotations:
        return True
    try:
        return any(getattr(field, "null", True) or field.auto_created for field in _fields(queryset, path))
    except FieldDoesNotExist:
        return True


def _asked(queryset: QuerySet[M]) -> tuple[_Asked, ...]:
    query = queryset.query
    own = bool(query.order_by) or not query.default_ordering
    return (*query.order_by,) if own else (*(query.get_meta().ordering or ()),)


def _path(one: _Asked) -> str:
    if isinstance(one, str):
        return one.removeprefix("-").removeprefix("+")
    inner = one.expression if isinstance(one, OrderBy) else one
    if not isinstance(inner, F):
        raise TypeError(f"A list sorts by fields and annotations, not by {inner!r}: give it a name.")
    return str(inner.name)  # type: ignore[attr-defined]  # missing in the stubs


def _descends(one: _Asked) -> bool:
    return one.startswith("-") if isinstance(one, str) else isinstance(one, OrderBy) and one.descending
