"""Writes around members. The only way in for pages, commands and tests."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from prm.accounts.models import Membership, User
from prm.accounts.rights import RIGHTS, Right, roles_with
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def add_member(*, email: str, role: str, name: str = "", password: str | None = None) -> Membership:
    """Make a person a member of the tenant in scope; a new person gets an account.

    An existing person's name and password stay as they are. Raises `Refused` for a bad address,
    an unknown role, or a person who is a member already.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(f"{email!r} is not an e-mail address.", field="email") from error
    if role not in RIGHTS:
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


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def change_member(
    member: Membership, *, role: str | None = None, is_active: bool | None = None
) -> Membership:
    """Change a member's role, or end or renew the membership.

    Raises `Refused` when the tenant would be left without an administrator.
    """
    if role is not None and role not in RIGHTS:
        raise Refused(f"There is no role {role!r}.", field="role")
    # All administrators are locked, so that two of them cannot end each other at the same moment.
    administering = roles_with(Right.MEMBER_EDIT)
    administrators = Membership.objects.select_for_update().filter(role__in=administering, is_active=True)
    stays = (role or member.role) in administering and is_active is not False
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
