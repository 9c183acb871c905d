"""Which records of a mapping a tenant's scope leaves out, as SQL, and why, in words. No call, no query.

A record is left out by what it is, or because one that it needs is: then it belongs nowhere there.
"""

from __future__ import annotations

from collections.abc import Mapping as Record
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from prm.core.calendar import HasTimezone, add_months, day_start, month_of
from prm.mapping import Aspect, Mapping, Persons, Test
from prm.mapping.persons import PERSON
from prm.mapping.scope import BELONGS, OFF

Known = Record[str, Mapping]
Value = str | date | datetime | list[str] | list[UUID]


@dataclass(frozen=True, slots=True)
class Fragment:
    """SQL with its values, in their order."""

    sql: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where it is asked: months are counted back from the tenant's own calendar month."""

    now: datetime
    tenant: HasTimezone

    def limit(self, aspect: Aspect, months: int) -> date | datetime:
        """Return the first day or moment that is not too old: the month that began so many months ago counts as a whole."""
        first = add_months(month_of(self.tenant, self.now), -months)
        return first if aspect.test is Test.DAY else day_start(self.tenant, first)


def leaves_out(one: Mapping, known: Known) -> bool:
    """Whether some record may be left out: by its own scope, or by that of what it belongs to."""
    return (
        not one.scope.is_all
        or bool(_persons_above(one, known))
        or any(leaves_out(known[key], known) for key, _column in _needs(one))
    )


def _needs(one: Mapping) -> list[tuple[str, str]]:
    return [(each.mapping, each.column) for each in one.parents if each.required and each.column]


def _persons_above(one: Mapping, known: Known) -> list[tuple[Mapping, Persons, str]]:
    """Return the required parents that may be persons there, to whom no record of this kind can belong, with their column."""
    some = [each for each in one.parents if each.required and each.column and not each.persons]
    pairs = [(known[each.mapping], known[each.mapping].persons, each.column) for each in some]
    return [
        (parent, persons, column)
        for parent, persons, column in pairs
        if persons is not None and persons.is_chosen
    ]


def why(one: Mapping, known: Known, at: Moment) -> Fragment:
    """Return an expression on the row `r`: why it is left out (`off`, an aspect's key, `belongs`), null when it is not."""
    if one.scope.is_off:
        return Fragment(f"'{OFF}'::text")
    cases: list[str] = []
    values: list[Value] = []
    aspects = {aspect.key: aspect for aspect in one.aspects}
    for key, chosen in one.scope.only:
        aspect = aspects[key]
        if aspect.test is Test.VALUES:
            cases.append(f"WHEN coalesce({aspect.sql}, '') <> ALL(%s::text[]) THEN %s")
            values += [list(chosen), key]
        elif aspect.test is Test.FLAG:
            cases.append(f"WHEN ({aspect.sql}) IS NOT TRUE THEN %s")
            values.append(key)
        else:
            cases.append(f"WHEN ({aspect.sql}) < %s THEN %s")
            values += [at.limit(aspect, int(chosen[0])), key]
    for parent, column in _needs(one):
        if leaves_out(known[parent], known):
            # The inner row is called `r` as well; the column on the left is that of the row outside.
            inner = rows(known[parent], known, at)
            cases.append(f"WHEN {column} IN (SELECT p.record_id FROM ({inner.sql}) p) THEN '{BELONGS}'")  # nosec B608 # names are our own, values are parameters
            values += inner.values
    for parent_mapping, persons, column in _persons_above(one, known):
        # As above: the inner row is called `r` as well.
        inner_sql = f'SELECT r.id FROM "{parent_mapping.table}" r WHERE ({persons.sql}) = ANY(%s::text[])'  # nosec B608 # names are our own, values are parameters
        cases.append(f"WHEN {column} IN ({inner_sql}) THEN '{PERSON}'")  # nosec B608 # names are our own, values are parameters
        values.append(sorted(persons.chosen))
    if not cases:
        return Fragment("NULL::text")
    return Fragment(f"CASE {' '.join(cases)} END", tuple(values))


def rows(one: Mapping, known: Known, at: Moment, where: str = "") -> Fragment:
    """Return SQL for the records that are left out: `record_id` and `why`; `where` is a further condition on the row `r`."""
    found = why(one, known, at)
    conditions = [part for part in (one.touched_by[0].only, where) if part]
    inner = f'SELECT r.id AS record_id, {found.sql} AS why FROM "{one.table}" r'  # nosec B608 # names are our own, values are parameters
    if conditions:
        inner += " WHERE " + " AND ".join(f"({part})" for part in conditions)
    return Fragment(f"SELECT d.record_id, d.why FROM ({inner}) d WHERE d.why IS NOT NULL", found.values)  # nosec B608 # names are our own, values are parameters


def words(one: Mapping, reason: str, known: Known) -> str:
    """Return in a sentence why a record is left out."""
    if reason == OFF:
        return f"No {one.plural} are kept in step."
    if reason == BELONGS:
        nouns = [known[key].singular for key, _column in _needs(one) if leaves_out(known[key], known)]
        return f"The {' or the '.join(nouns) or 'record'} that it belongs to is outside the scope."
    if reason == PERSON:
        nouns = [parent.singular for parent, _persons, _column in _persons_above(one, known)]
        return f"The {' or the '.join(nouns) or 'record'} that it belongs to is kept as a person account, which has no {one.plural}."
    aspect = next((each for each in one.aspects if each.key == reason), None)
    if aspect is None:
        return "It is outside the scope."
    chosen = dict(one.scope.only).get(reason, ())
    return aspect.outside.format(chosen[0] if chosen else "")
