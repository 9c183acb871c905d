"""Writes of tenants themselves."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction

from prm.core.calendar import validate_timezone
from prm.core.errors import Refused
from prm.core.money import ISO_4217
from prm.tenancy.context import tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.signals import tenant_created
from prm.tenancy.use_cases import requires

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")


@requires()
@transaction.atomic
def create_tenant(
    *,
    slug: str,
    name: str,
    currency: str = "USD",
    timezone: str = "UTC",
    partner_noun: str = "partner",
    partner_noun_plural: str = "partners",
) -> Tenant:
    """Make a tenant with every app's defaults.

    Raises `Refused` for a slug that is taken or badly written, an empty name, an unknown time
    zone or a currency that ISO 4217 does not know.
    """
    if not SLUG.match(slug):
        raise Refused(
            f"{slug!r} cannot be part of an address: use lower-case letters, digits and hyphens.",
            field="slug",
        )
    if not name.strip():
        raise Refused("A tenant needs a name.", field="name")
    if currency not in ISO_4217:
        raise Refused(f"{currency!r} is no ISO 4217 currency code.", field="currency")
    try:
        validate_timezone(timezone)
    except ValidationError as error:
        raise Refused(error.messages[0], field="timezone") from error
    if Tenant.objects.filter(slug=slug).exists():
        raise Refused(f"A tenant called {slug!r} exists already.", field="slug", code="taken")
    tenant = Tenant.objects.create(
        slug=slug,
        name=name.strip(),
        currency=currency,
        timezone=timezone,
        partner_noun=partner_noun,
        partner_noun_plural=partner_noun_plural,
    )
    with tenant_scope(tenant):
        tenant_created.send(sender=Tenant, tenant=tenant)
    return tenant
