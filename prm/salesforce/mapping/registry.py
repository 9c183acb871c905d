"""The mappings of all apps: each app's `salesforce.py` with its `MAPPINGS`, found at start.

Anything wrong in a declaration raises when the process starts, not when a tenant first syncs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from prm.mapping import Mapping


class BadMapping(RuntimeError):
    """A declaration does not fit the others."""


@lru_cache(maxsize=1)
def mappings() -> dict[str, Mapping]:
    """Return all mappings by key, parents before children."""
    return arranged(_declared())


def mapping(key: str) -> Mapping:
    """Return one mapping; `KeyError` when no app declares it (any more)."""
    return mappings()[key]


def _declared() -> Iterable[Mapping]:
    for config in apps.get_app_configs():
        # Only a missing file means "nothing to declare"; a broken one must raise.
        if config.name == "prm.salesforce" or find_spec(f"{config.name}.salesforce") is None:
            continue
        module = import_module(f"{config.name}.salesforce")
        if not hasattr(module, "MAPPINGS"):
            raise BadMapping(f"{module.__name__} declares no MAPPINGS; is the name misspelt?")
        yield from module.MAPPINGS


def arranged(declared: Iterable[Mapping]) -> dict[str, Mapping]:
    """Return mappings in the order in which they can be written, or raise `BadMapping`."""
    waiting: dict[str, Mapping] = {}
    for one in declared:
        if one.key in waiting:
            raise BadMapping(f"Two apps declare the mapping {one.key}.")
        waiting[one.key] = one
    done: dict[str, Mapping] = {}
    known = set(waiting)
    for one in waiting.values():
        unknown = {parent.mapping for parent in one.parents} - known
        if unknown:
            raise BadMapping(f"{one.key} belongs to {', '.join(sorted(unknown))}, which nobody declares.")
        same = {other.external_id for other in waiting.values() if other.sobject == one.sobject}
        if len(same) > 1:
            raise BadMapping(f"{one.sobject} has two external ids: {', '.join(sorted(same))}.")
    while waiting:
        ready = [one for one in waiting.values() if _needs(one) <= done.keys()]
        if not ready:
            raise BadMapping(f"These mappings need each other: {', '.join(sorted(waiting))}.")
        for one in ready:
            done[one.key] = waiting.pop(one.key)
    return done


def _needs(one: Mapping) -> set[str]:
    # A record may belong to another of its own kind: such a parent is always optional.
    if any(parent.mapping == one.key and parent.required for parent in one.parents):
        raise BadMapping(f"{one.key} cannot require a parent of its own kind.")
    return {parent.mapping for parent in one.parents if parent.mapping != one.key}
