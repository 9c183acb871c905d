"""Writes around tenants, members and keys. The only way in for pages, commands and tests."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from prm.tenancy.context import current_tenant, tenant_scope
from prm.tenancy.currencies import ISO_4217
from prm.tenancy.errors import Refused
from prm.tenancy.models import Membership, Role, Tenant, User
from prm.tenancy.signals import tenant_created
from prm.tenancy.validators import validate_timezone

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")


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
    """A new tenant with every app's defaults.

    Raises ``Refused`` for a slug that is taken or badly written, an empty name, an unknown time
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


@transaction.atomic
def add_member(*, email: str, role: str, name: str = "", password: str | None = None) -> Membership:
    """Make a person a member of the tenant in scope; a new person gets an account.

    An existing person's name and password stay as they are. Raises ``Refused`` for a bad address,
    an unknown role, or a person who is a member already.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(f"{email!r} is not an e-mail address.", field="email") from error
    if role not in Role.values:
        raise Refused(f"There is no role {role!r}.", field="role")
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name.strip())
    member, created = Membership.objects.get_or_create(user=user, defaults={"role": role})
    if not created and member.is_active:
        raise Refused(f"{user.email} is a member already.", field="email", code="taken")
    if not created:
        member.role, member.is_active = role, True
        member.save(update_fields=["role", "is_active"])
    return member


@transaction.atomic
def change_member(
    member: Membership, *, role: str | None = None, is_active: bool | None = None
) -> Membership:
    """Change a member's role, or end or renew the membership.

    Raises ``Refused`` when the tenant would be left without an administrator.
    """
    if role is not None and role not in Role.values:
        raise Refused(f"There is no role {role!r}.", field="role")
    # All administrators are locked, so that two of them cannot end each other at the same moment.
    administrators = Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    stays = (role or member.role) == Role.ADMINISTRATOR and is_active is not False
    ids = set(administrators.values_list("pk", flat=True))
    if not stays and ids == {member.pk}:
        raise Refused(
            f"{current_tenant().name} would have no administrator. Make somebody else one first.",
            field="role",
            code="last_administrator",
        )
    member.role = role or member.role
    member.is_active = member.is_active if is_active is None else is_active
    member.save(update_fields=["role", "is_active"])
    return member
