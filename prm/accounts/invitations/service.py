"""Writes of invitations: made, renewed, handed over, revoked, accepted.

Nothing here asks whether an address is known before the holder of a link answers, so nobody who invites learns it.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from prm.accounts.invitations.links import Proof, new_secret
from prm.accounts.models import INVITATION_LASTS, Invitation, Membership, User, plain_address
from prm.accounts.rights import RIGHTS, Right
from prm.accounts.signals import invitation_accepted
from prm.accounts.signin.mail import may_hand_over
from prm.accounts.signin.proof import hand_to_owner, note_proof, proved_account
from prm.accounts.signin.throttle import MAILS_OF_TENANT, MAILS_TO_ONE
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import needs_no_right, requires

ENDED: Final = "This invitation has ended. Ask for a new one."


def _clean_address(email: str) -> str:
    """Return the address as it is kept. Raises `Refused` for what is none."""
    plain = plain_address(email)
    try:
        validate_email(plain)
    except ValidationError as error:
        raise Refused(f"{email!r} is not an e-mail address.", field="email") from error
    return plain


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def invite(*, email: str, role: str, by: Membership | None, name: str = "") -> Invitation:
    """Invite an address to become a member in the role; an open invitation of it is renewed.

    No link leads to it yet: see `renew_mail` and `hand_over`. Raises `Refused` for a bad address, an unknown
    role, or the address of somebody who is a member already.
    """
    plain = _clean_address(email)
    if role not in RIGHTS:
        raise Refused(f"There is no role {role!r}.", field="role")
    if Membership.objects.active().filter(user__email=plain).exists():
        raise Refused(f"{plain} is a member already.", field="email", code="taken")
    values = {"role": role, "name": name.strip(), "invited_by": by, "member": None}
    return _open(plain, values)


def _open(email: str, values: Mapping[str, object]) -> Invitation:
    """Return the one open invitation of an address, made or renewed; links of before no longer work."""
    fresh = {
        **values,
        "expires_at": now() + INVITATION_LASTS,
        "mail_hash": "",
        "hand_hash": "",
        "handed_at": None,
    }
    invitation: Invitation
    invitation, _ = Invitation.objects.open().update_or_create(
        email=email, defaults={**fresh, "mailed_at": None}
    )
    return invitation


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def renew_mail(invitation: Invitation, *, by: Membership | None) -> str:
    """Make a new link to be mailed to the address, and return its secret; the mailed one before it ends.

    Raises `Refused` when the invitation has ended, or when so many messages were asked for that somebody might be
    pestered with them.
    """
    found = _still_open(invitation)
    tenant = current_tenant().pk
    if not (MAILS_TO_ONE.count(tenant, found.email) and MAILS_OF_TENANT.count(tenant)):
        raise Refused("So many messages were sent that this one must wait an hour.", code="too_many_messages")
    secret, found.mail_hash = new_secret()
    found.expires_at, found.mailed_at = now() + INVITATION_LASTS, now()
    found.save(update_fields=["mail_hash", "expires_at", "mailed_at"])
    return secret


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def hand_over(invitation: Invitation, *, by: Membership | None, forced: bool = False) -> str:
    """Make a link that whoever asks hands over, and return its secret; the audit trail notes it.

    It is for servers that send no mail, and `forced` for the operator's commands. The account made by it is at
    home in this tenant and opens no other. Raises `Refused` where mail is sent.
    """
    found = _still_open(invitation)
    if not (forced or may_hand_over()):
        raise Refused(
            "The link was sent by mail, so that only the address's owner has it.", code="mail_is_sent"
        )
    secret, found.hand_hash = new_secret()
    found.handed_at = now()
    found.save(update_fields=["hand_hash", "handed_at"])
    return secret


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def sign_in_link(
    member: Membership, *, by: Membership | None, forced: bool = False
) -> tuple[Invitation, str]:
    """Make a link by which a member of this tenant alone chooses a new password, and return its secret.

    Raises `Refused` for a person who has proved their address: their account may open other organisations, and
    no administrator opens those. They ask for a new password by mail. The words do not say whether there are any.
    """
    user = member.user
    if user.home_id != current_tenant().pk:
        raise Refused(
            f"Only {user} can: “Forgot it?” on the sign-in page sends a link for a new password to their address.",
            code="proved",
        )
    if not member.is_active:
        raise Refused(f"{user} may not sign in here. Renew the membership first.", code="ended")
    invitation = _open(
        user.email, {"role": member.role, "name": user.name, "invited_by": by, "member": member}
    )
    return invitation, hand_over(invitation, by=by, forced=forced)


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def revoke(invitation: Invitation, *, by: Membership | None) -> None:
    """End an invitation and its links; repeating it changes nothing. Raises `Refused` when it was accepted."""
    found = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if found.accepted_at is not None:
        raise Refused(f"{found.email} has accepted already. End the membership instead.", code="accepted")
    found.revoked_at = found.revoked_at or now()
    found.mail_hash = found.hand_hash = ""
    found.save(update_fields=["revoked_at", "mail_hash", "hand_hash"])


@needs_no_right("whoever holds the link answers it; it was checked in `links.proof_of`")
@transaction.atomic
def accept_as(invitation: Invitation, user: User, *, proof: Proof) -> Membership:
    """Accept as an account that is signed in. Its address must be the invited one.

    An account at home in another tenant accepts only by a link that was mailed, which proves its address.
    Raises `Refused`.
    """
    found = _still_open(invitation)
    if user.email != found.email:
        raise Refused(
            f"This invitation is for {found.email}. Sign in with that address.", code="other_address"
        )
    tenant = current_tenant()
    if proof is Proof.MAIL and user.proved_at is None and not note_proof(user):
        raise Refused("Another account has proved this address. Sign in with that one.", code="other_account")
    if user.proved_at is None and user.home_id != tenant.pk:
        raise Refused("This account has not proved its address. Choose “I am new here”.", code="not_proved")
    return _join(found, user)


@needs_no_right("whoever holds the link answers it; it was checked in `links.proof_of`")
@transaction.atomic
def accept_new(invitation: Invitation, *, name: str, password: str, proof: Proof) -> User:
    """Accept as somebody without an account; the password was validated. Returns the account, made or taken over.

    By a mailed link the account has proved its address; `Refused` when there is one that has already, which only
    the address's owner gets to know. By a handed-over link the account is at home in this tenant.
    """
    found = _still_open(invitation)
    tenant = current_tenant()
    user = User.objects.select_for_update().filter(email=found.email, home=tenant).first()
    if proof is Proof.MAIL and proved_account(found.email) is not None:
        raise Refused(
            "Your address has an account here already. Sign in with it; “Forgot it?” sends a new password.",
            code="has_account",
        )
    if user is None:
        user = User.objects.create_user(found.email, home=tenant)
    hand_to_owner(user)
    user.name = name.strip() or user.name
    user.set_password(password)
    user.save(update_fields=["name", "password"])
    if proof is Proof.MAIL:
        note_proof(user)
    _join(found, user)
    return user


def _still_open(invitation: Invitation) -> Invitation:
    """Return the invitation, locked, so that it is answered once. Raises `Refused`."""
    found: Invitation | None = Invitation.objects.select_for_update().open().filter(pk=invitation.pk).first()
    if found is None:
        raise Refused(ENDED, code="ended")
    return found


def _join(invitation: Invitation, user: User) -> Membership:
    again = invitation.member_id
    member = _membership(invitation, user) if again is None else _sign_in_again(again, user)
    invitation.accepted_at = now()
    invitation.mail_hash = invitation.hand_hash = ""
    invitation.save(update_fields=["accepted_at", "mail_hash", "hand_hash"])
    if again is None:
        invitation_accepted.send(sender=Invitation, invitation=invitation, member=member)
    return member


def _sign_in_again(member_id: UUID, user: User) -> Membership:
    member = Membership.objects.active().filter(pk=member_id, user=user).first()
    if member is None:
        raise Refused(ENDED, code="ended")
    return member


def _membership(invitation: Invitation, user: User) -> Membership:
    member, is_made = Membership.objects.get_or_create(user=user, defaults={"role": invitation.role})
    if not is_made and member.is_active:
        raise Refused("You are a member already.", code="taken")
    if not is_made:
        member.role, member.is_active = invitation.role, True
        member.save(update_fields=["role", "is_active"])
    return member


@requires(Right.MEMBER_EDIT)
def note_failure(invitation: Invitation) -> None:
    """Note that the message did not leave."""
    Invitation.objects.filter(pk=invitation.pk).update(mailed_at=None)
