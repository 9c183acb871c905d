"""Who holds which address. An account that has proved its address is one for all organisations.

One that has not (its first link was handed over, not mailed) belongs to the organisation that let it in, its
`home`, and opens no other: whoever speaks for an unproved address does so in one tenant only.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from prm.accounts.models import User, plain_address
from prm.core.clock import now
from prm.core.errors import Refused


def proved_account(email: str) -> User | None:
    """Return the account for all organisations with this address, if there is one."""
    return User.objects.filter(email=plain_address(email), home=None).first()


@transaction.atomic
def note_proof(user: User) -> bool:
    """Note that the account's owner has proved its address; returns False when another account has.

    The account is then no longer bound to one organisation.
    """
    other = User.objects.select_for_update().filter(email=user.email, home=None).exclude(pk=user.pk)
    if other.exists():
        return False
    user.home = None
    user.proved_at = user.proved_at or now()
    user.save(update_fields=["home", "proved_at"])
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return True


@transaction.atomic
def confirm_address(user: User, address: EmailAddress) -> None:
    """Take an address that its holder has just proved as the account's own; the one before it is dropped.

    Raises `Refused` when another account has proved it.
    """
    user.email = str(address.email).lower()
    if User.objects.filter(email=user.email, home=None).exclude(pk=user.pk).exists():
        raise Refused(
            f"Another account has proved {user.email} already. Sign in there, or ask to be invited there.",
            field="email",
            code="taken",
        )
    user.home = None
    user.proved_at = now()
    user.save(update_fields=["email", "home", "proved_at"])
    note_proof(user)


def prove_by_reset(user: User) -> None:
    """Note that a link sent to the address set a new password, after taking away what others may have set."""
    if user.proved_at is not None:
        return
    hand_to_owner(user)
    note_proof(user)


def hand_to_owner(user: User) -> None:
    """Drop what opened the account so far, but for its password, which its owner sets next.

    Called where somebody who was not signed in proves to be the owner: passkeys and codes may be a stranger's.
    Sessions end with the password.
    """
    Authenticator.objects.filter(user=user).delete()
