"""Keeps how an organisation describes its objects, for the choices of the mapping and for the ids of record types."""

from __future__ import annotations

from collections.abc import Mapping as Record

from django.db import transaction

from prm.core.clock import now
from prm.salesforce.mapping.facts import facts_of, record_types_of
from prm.salesforce.mapping.forms import forms_of
from prm.salesforce.mapping.models import ObjectDescription


@transaction.atomic
def remember(sobject: str, described: Record[str, object]) -> bool:
    """Keep a description, {} for an object that we were not shown; whether its forms are others than before."""
    values = {
        "label": str(described.get("label") or (sobject if described else ""))[:120],
        "fields": facts_of(described),
        "record_types": record_types_of(described),
        "forms": forms_of(described),
        "described_at": now(),
    }
    known = ObjectDescription.objects.filter(sobject=sobject).values_list("forms", flat=True).first()
    ObjectDescription.objects.update_or_create(sobject=sobject, defaults=values)
    return (known or {}) != values["forms"]


def known() -> dict[str, ObjectDescription]:
    """Return what was described, by object."""
    return {one.sobject: one for one in ObjectDescription.objects.all()}
