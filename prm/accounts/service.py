"""Writes around members. The only way in for pages, commands and tests."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from prm.accounts.models import Membership, User, plain_address
from prm.accounts.rights import RIGHTS, Right, roles_with
from prm.accounts.signin.proof import note_proof
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@requires()
@transaction.atomic
def add_member(*, email: str, role: str, name: str = "", password: str | None = None) -> Membership:
    """Make a member at once, with an account that counts as proved: for demonstrations and tests only.

    People come in by invitation (`invitations.service`); no page, API or other command calls this. An existing
    account keeps its name and password. Raises `Refused` for a bad address, an unknown role, or a member.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(f"{email!r} is not an e-mail address.", field="email") from error
    if role not in RIGHTS:
        raise Refused(f"There is no role {role!r}.", field="role")
    user = User.objects.filter(email=plain_address(email), home=None).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name.strip())
        note_proof(user)
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
    _keep_an_administrator(member, role=role or member.role, is_active=is_active is not False)
    member.role = role or member.role
    member.is_active = member.is_active if is_active is None else is_active
    member.save(update_fields=["role", "is_active"])
    return member


def _keep_an_administrator(member: Membership, *, role: str, is_active: bool) -> None:
    """Raise `Refused` when the change would leave nobody who administers the tenant.

    All administrators are locked, so that two of them cannot end each other at the same moment.
    """
    locked = set(
        Membership.objects.administering().select_for_update(of=("self",)).values_list("pk", flat=True)
    )
    stays = role in roles_with(Right.MEMBER_EDIT) and is_active
    if not stays and locked == {member.pk}:
        raise Refused(
            f"{current_tenant().name} would have no administrator. Make somebody else one first.",
            field="role",
            code="last_administrator",
        )
