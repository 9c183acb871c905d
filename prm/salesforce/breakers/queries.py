"""Mass changes as people read them."""

from __future__ import annotations

from django.db.models import QuerySet

from prm.core.notation.reader import figure
from prm.salesforce.guards.models import BY, HeldChange, MassChange
from prm.salesforce.mapping import registry


def shown() -> QuerySet[MassChange]:
    """Return the mass changes of the tenant in scope: those that wait first, then the latest."""
    return MassChange.objects.exclude(state=MassChange.State.PASSED).order_by("-state", "-since", "pk")


def examples_of(mass: MassChange, most: int) -> list[str]:
    """Return the names of some of the records that a mass change concerns; none when it does not wait any more."""
    rows = mass.changes.order_by("title", "record_id").values_list("title", "record_id").distinct()
    return [title or str(record_id) for title, record_id in rows[:most]]


def words_of(mass: MassChange) -> str:
    """Return what happened in one sentence."""
    one = registry.mappings().get(mass.mapping)
    noun = (one.singular if mass.records == 1 else one.plural) if one else mass.mapping
    here, there = (
        ("here", "Salesforce") if mass.direction == MassChange.Direction.PUSH else ("in Salesforce", "PRM")
    )
    verb = {"changed": "were changed", "cleared": "lost a value", "deleted": "were deleted"}[mass.kind]
    rest = f"; {there} does not know it yet." if mass.state == MassChange.State.WAITING else "."
    # Many small changes have a person for their cause (`runs.masses`), a transaction or a user there has a number.
    at_once = f"one after the other, {mass.cause}" if mass.cause.startswith(BY) else "at once"
    return f"{figure(mass.records)} of {figure(mass.total)} {noun} {verb} {here} {at_once}{rest}"


def field_words(change: HeldChange) -> str:
    """Return what people call the field of a held change."""
    one = registry.mappings().get(change.mapping)
    if not change.field or one is None:
        return "the whole record"
    return one.words_of(change.field)
