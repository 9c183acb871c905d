"""Writes of a person about themselves."""

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest

from prm.accounts.models import User, plain_address
from prm.core.errors import Refused
from prm.core.notation.styles import NOTATION_CHOICES
from prm.tenancy.use_cases import needs_no_right


@needs_no_right("everybody says who they are themselves")
@transaction.atomic
def set_profile(user: User, *, name: str, notation: str) -> None:
    """Set name and notation. Raises `Refused` for an empty name or an unknown notation."""
    if not name.strip():
        raise Refused("Write your name, so that colleagues know you.", field="name")
    if notation not in dict(NOTATION_CHOICES):
        raise Refused("Choose one of the list.", field="notation")
    user.name, user.notation = name.strip(), notation
    user.save(update_fields=["name", "notation"])


@needs_no_right("everybody says where their own mail goes; the address proves it")
@transaction.atomic
def ask_for_address(request: HttpRequest, user: User, *, email: str) -> str:
    """Send a link to an address that is to be proved: a new one, or the present one. Returns the address.

    Whether another account has it is said to nobody but its holder. Raises `Refused` for the present address when
    it is proved, or when a link was sent within the last minute, and `NotSent`.
    """
    plain = plain_address(email)
    if plain == user.email and user.proved_at is not None:
        raise Refused("This is your address, and it is proved.", field="email")
    EmailAddress.objects.filter(user=user, verified=False).delete()
    address, _ = EmailAddress.objects.get_or_create(user=user, email=plain)
    if not send_verification_email_to_address(request, address):
        raise Refused(
            "A link was sent to this address just now. Wait a minute before the next.", field="email"
        )
    return plain
