"""Values as people know them: money, days, names of the records that a reference leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Record
from datetime import date
from decimal import Decimal
from typing import Final

from prm.mapping import Kind, Mapping, Normal, parse_moment
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Conflict, RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.people import queries as people
from prm.tenancy.context import current_tenant
from prm.ui import formatting

EMPTY: Final = "(empty)"
USERS: Final = ""
"""Instead of a mapping: Salesforce's users."""

Names = Record[tuple[str, str], str]
"""Titles of records by mapping and Salesforce id, and names of users by `USERS` and theirs."""


def names_of(conflicts: Iterable[Conflict]) -> Names:
    """Return the titles of all records that the values of these conflicts refer to; a constant number of queries."""
    wanted: dict[str, set[str]] = {}
    known = registry.mappings()
    for one in conflicts:
        key = refers_to(known[one.mapping], one.there) if one.mapping in known else None
        if key is not None:
            values = (one.agreed, one.ours, one.theirs, one.value)
            wanted.setdefault(key, set()).update(v for v in values if isinstance(v, str))
    return titles_of(wanted)


def refers_to(mapping: Mapping, there: str) -> str | None:
    """Return to records of which mapping a field refers, `USERS` for one that says who owns a record, else `None`."""
    for parent in mapping.parents:
        if parent.there == there:
            return parent.mapping
    column = mapping.column(there)
    return USERS if column is not None and column.kind is Kind.OWNER else None


def titles_of(wanted: Record[str, Iterable[str]]) -> Names:
    """Return the titles of records here by the Salesforce ids of their twins, by mapping."""
    found: dict[tuple[str, str], str] = {}
    for key, ids in wanted.items():
        if key == USERS:
            found |= {(USERS, user): name for user, name in people.names_of(ids).items()}
            continue
        links = RecordLink.objects.filter(mapping=key, sf_id__in=list(ids))
        by_record = dict(links.values_list("record_id", "sf_id"))
        one = registry.mapping(key)
        for record_id, values in one.read(list(by_record)).items() if by_record else ():
            found[(key, by_record[record_id])] = store.title_of(one, one.normals(values)[0])
    return found


def shown(mapping: Mapping, there: str, value: Normal, names: Names) -> str:
    """Return a value of a field in words; `names` as of `names_of`."""
    if value is None:
        return EMPTY
    if there == mapping.external_id:
        return str(value).capitalize()
    key = refers_to(mapping, there)
    if key is not None:
        return names.get((key, str(value)), str(value))
    one = mapping.column(there)
    return _in_words(one.kind if one else Kind.TEXT, value)


def _in_words(kind: Kind, value: Normal) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    words = _WORDS.get(kind)
    return words(str(value)) if words else str(value)


def _number(text: str) -> str:
    exponent = Decimal(text).as_tuple().exponent
    return formatting.number(Decimal(text), -exponent if isinstance(exponent, int) and exponent < 0 else 0)


_WORDS: Final[Record[Kind, Callable[[str], str]]] = {
    Kind.CURRENCY: lambda text: formatting.money_exact(Decimal(text), current_tenant()),
    Kind.NUMBER: _number,
    Kind.PERCENT: lambda text: f"{_number(text)}%",
    Kind.DATE: lambda text: formatting.day(date.fromisoformat(text)),
    Kind.MOMENT: lambda text: formatting.moment(parse_moment(text)),
}
