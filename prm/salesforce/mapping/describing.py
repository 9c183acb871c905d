"""Keeps how an organisation describes its objects, for the choices of the mapping and for the ids of record types."""

from __future__ import annotations

from collections.abc import Mapping as Record

from django.db import transaction

from prm.core.clock import now
from prm.mapping.persons import RECORD_TYPE
from prm.salesforce.mapping.facts import FieldFacts, facts_of, record_types_of
from prm.salesforce.mapping.forms import forms_of
from prm.salesforce.mapping.models import ObjectDescription


@transaction.atomic
def remember(sobject: str, described: Record[str, object]) -> bool:
    """Keep a description, {} for an object that we were not shown; whether its forms are others than before."""
    fields = facts_of(described)
    _keep_persons(sobject, fields)
    values = {
        "label": str(described.get("label") or (sobject if described else ""))[:120],
        "fields": fields,
        "record_types": record_types_of(described),
        "forms": forms_of(described),
        "described_at": now(),
    }
    known = ObjectDescription.objects.filter(sobject=sobject).values_list("forms", flat=True).first()
    ObjectDescription.objects.update_or_create(sobject=sobject, defaults=values)
    return (known or {}) != values["forms"]


def _keep_persons(sobject: str, fields: dict[str, FieldFacts]) -> None:
    """Take over which record types are those of persons: a description does not say it."""
    old = ObjectDescription.objects.filter(sobject=sobject).values_list(
        f"fields__{RECORD_TYPE}__persons", flat=True
    )
    found = old.first()
    if RECORD_TYPE in fields and isinstance(found, list):
        fields[RECORD_TYPE]["persons"] = found


@transaction.atomic
def remember_persons(sobject: str, names: list[str]) -> None:
    """Keep which record types of an object, by developer name, are those of persons."""
    found = ObjectDescription.objects.select_for_update().filter(sobject=sobject).first()
    if found is not None and RECORD_TYPE in found.fields:
        found.fields[RECORD_TYPE]["persons"] = sorted(names)
        found.save(update_fields=["fields"])


def known() -> dict[str, ObjectDescription]:
    """Return what was described, by object."""
    return {one.sobject: one for one in ObjectDescription.objects.all()}
