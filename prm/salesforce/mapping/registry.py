"""The mappings: what all apps declare in their `salesforce.py`, found at start, as the tenant in scope has chosen it.

Anything wrong in a declaration raises when the process starts, not when a tenant first syncs. What a tenant has chosen is
read once for each tenant object, which is one request, one task or one command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import transaction

from prm.mapping import Kind, Mapping
from prm.mapping.persons import IS_PERSON
from prm.salesforce.mapping.choices import Choices, needs_record_types, of_json, tailored_all
from prm.salesforce.mapping.forms import Forms, fitted
from prm.salesforce.mapping.models import MappingVersion, ObjectDescription
from prm.salesforce.people import queries as people
from prm.salesforce.people.queries import Owners
from prm.tenancy.context import current_tenant, forget_on, has_tenant, kept_on

_KEPT = "_salesforce_mappings"
_tried: ContextVar[dict[str, Mapping] | None] = ContextVar("tried_mapping", default=None)


class BadMapping(RuntimeError):
    """A declaration does not fit the others."""


@lru_cache(maxsize=1)
def declared() -> dict[str, Mapping]:
    """Return all mappings as the apps declare them by key, parents before children."""
    return arranged(_declared())


def mappings() -> dict[str, Mapping]:
    """Return all mappings of the tenant in scope by key, parents before children; without a tenant, as declared."""
    if not has_tenant():
        return declared()
    tried = _tried.get()
    if tried is not None:
        return tried
    return kept_on(current_tenant(), _KEPT, lambda: mappings_of(choices_in_force()))


def mapping(key: str) -> Mapping:
    """Return one mapping of the tenant in scope; `KeyError` when no app declares it (any more)."""
    return mappings()[key]


def choices_in_force() -> Choices:
    """Return what is chosen at present; opens a transaction where none is open."""
    with transaction.atomic(savepoint=False):
        found = MappingVersion.objects.filter(state=MappingVersion.State.IN_FORCE).first()
    return Choices() if found is None else of_json(found.content)


def mappings_of(choices: Choices) -> dict[str, Mapping]:
    """Return the mappings that follow from choices and from who stands for whom, by key, parents before children."""
    owners = people.in_force()
    known = ObjectDescription.objects.exclude(forms={}).values_list("sobject", "forms")
    forms: dict[str, Forms] = dict(known)
    if not choices.objects and owners == Owners() and not forms:
        return _as_everywhere()
    record_types = {}
    if needs_record_types(choices):
        record_types = dict(ObjectDescription.objects.values_list("sobject", "record_types"))
    chosen = tailored_all(list(declared().values()), choices, record_types)
    if any(one.persons is not None and one.persons.is_chosen for one in chosen):
        on = set(with_persons_there())
        chosen = [knowing_persons(one, is_on=one.sobject in on) for one in chosen]
    return arranged(fitted(with_owners(one, owners), forms.get(one.sobject, {})) for one in chosen)


@lru_cache(maxsize=1)
def _as_everywhere() -> dict[str, Mapping]:
    """Return the mappings of a tenant that has chosen nothing, in an organisation without forms of its own."""
    return {key: fitted(one, {}) for key, one in declared().items()}


def with_persons_there() -> Iterable[str]:
    """Return the objects of which the organisation describes some records as persons."""
    rows = ObjectDescription.objects.filter(fields__has_key=IS_PERSON)
    return rows.values_list("sobject", flat=True)


def knowing_persons(one: Mapping, *, is_on: bool) -> Mapping:
    """Return a mapping that knows whether there can be persons there."""
    return one if one.persons is None else replace(one, persons=replace(one.persons, is_on=is_on))


def with_owners(one: Mapping, owners: Owners) -> Mapping:
    """Return a mapping whose owners are the Salesforce users of this organisation."""
    if all(field.kind is not Kind.OWNER for field in one.fields):
        return one
    fields = (
        replace(field, table=owners.pairs, default=owners.fallback) if field.kind is Kind.OWNER else field
        for field in one.fields
    )
    return replace(one, fields=tuple(fields))


def forget() -> None:
    """Read them anew when they are next asked for."""
    forget_on(current_tenant(), _KEPT)


@contextmanager
def trying(choices: Choices) -> Iterator[None]:
    """Let everything within take these choices for those in force: a dry run of them."""
    with transaction.atomic():
        tried = mappings_of(choices)
    token = _tried.set(tried)
    try:
        yield
    finally:
        _tried.reset(token)


def _declared() -> Iterable[Mapping]:
    for config in apps.get_app_configs():
        # Only a missing file means "nothing to declare"; a broken one must raise.
        if config.name == "prm.salesforce" or find_spec(f"{config.name}.salesforce") is None:
            continue
        module = import_module(f"{config.name}.salesforce")
        if not hasattr(module, "MAPPINGS"):
            raise BadMapping(f"{module.__name__} declares no MAPPINGS; is the name misspelt?")
        yield from module.MAPPINGS


def arranged(some: Iterable[Mapping]) -> dict[str, Mapping]:
    """Return mappings in the order in which they can be written, or raise `BadMapping`."""
    waiting: dict[str, Mapping] = {}
    for one in some:
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
