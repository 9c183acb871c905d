"""What the tests of pages share: addresses, and the form of a visit as a browser sends it."""

from uuid import uuid4

from django.urls import reverse

from partners.standing.service import recompute_standings
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make

HTMX = {"HX-Request": "true", "HX-Target": "sheet"}


def url(name, tenant="mercy", query="", **kwargs):
    return reverse(f"activities:{name}", kwargs={"tenant": tenant, **kwargs}) + query


def in_mercy(mercy, call):
    with tenant_scope(mercy.tenant):
        return call()


def visit_data(partner, **changes):
    data = {
        "visit_id": str(uuid4()),
        "partner": str(partner.pk),
        "channel": "in_person",
        "purpose": "new_capability",
        "happened_at": "2026-01-15T09:40",
        "learned": "Wants MRI within two days.",
        "insight-competitor": "",
        "budget-opportunity": "new",
    }
    return data | changes


def fill_panel(mercy, count):
    with tenant_scope(mercy.tenant):
        for n in range(count):
            one = make.partner(f"Dr. {n}", rep=mercy.rep)
            make.visit(one, mercy.rep, days_ago=95, next_step="Call", insight=make.insight_input())
            make.opportunity(one, mercy.rep)
        recompute_standings(None)
