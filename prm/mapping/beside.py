"""Values of ours beside a record that is there. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Record

from prm.mapping import BadValue, Field, Mapping, Normal, value_there

Normals = Record[str, Normal]


def theirs_of(columns: Iterable[Field], row: Record[str, object]) -> tuple[dict[str, Normal], dict[str, str]]:
    """Return the values of a row as Salesforce shows it in normal form, and why others have none; what was not read is in neither."""
    theirs: dict[str, Normal] = {}
    unread: dict[str, str] = {}
    for one in columns:
        if one.there in row:
            try:
                theirs[one.there] = value_there(one, row)
            except BadValue as error:
                unread[one.there] = str(error)
    return theirs, unread


def beside(mapping: Mapping, ours: Normals, *theirs: Normals) -> dict[str, Normal]:
    """Return our values as they are compared with a record that is there: what it holds, or held when both agreed.

    What goes with a new record only is left out, and what is divided otherwise there is divided so.
    """
    once = {one.there for one in mapping.fields if one.once}
    found = {name: value for name, value in ours.items() if name not in once}
    names = divided(mapping)
    if mapping.together is None or not names or not set(names) <= found.keys():
        return found
    for each in theirs:
        if set(names) <= each.keys():
            values = [each[name] for name in names]
            if mapping.together.same([found[name] for name in names], values):
                return {**found, **dict(zip(names, values, strict=True))}
    return found


def divided(mapping: Mapping) -> tuple[str, ...]:
    """Return the names there of the fields that are one value here; none where one of them is not mapped."""
    wanted = mapping.together.fields if mapping.together else ()
    known = {one.here: one.there for one in mapping.fields}
    return tuple(known[here] for here in wanted) if set(wanted) <= known.keys() else ()


def completed(mapping: Mapping, wanted: Normals, ours: Normals) -> dict[str, Normal]:
    """Return values to be written here, with the rest of what is one value here where a part of it is among them."""
    names = divided(mapping)
    rest = names if set(names) & wanted.keys() else ()
    return {**{name: ours[name] for name in rest if name in ours}, **wanted}
