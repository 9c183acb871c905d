"""Links that say for whom and what they are, signed by the server; nothing is kept of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.urls import reverse

from prm.accounts.models import Membership
from prm.tenancy.context import current_tenant

ACT_LASTS: Final = timedelta(days=14)
STOP_LASTS: Final = timedelta(days=400)
"""Whoever finds an old mail can still stop the next ones."""

_SALT: Final = "prm.digest"
_ACT, _STOP = "act", "stop"


@dataclass(frozen=True, slots=True)
class Token:
    """For which member of which tenant a link is; without an act it stops the mails."""

    tenant_id: UUID
    member_id: UUID
    act: str = ""
    row_id: UUID | None = None


def act_path(member: Membership, act: str, row_id: UUID) -> str:
    """Return the path of the link that asks whether an act is to be done."""
    return _path([_ACT, current_tenant().pk.hex, member.pk.hex, act, row_id.hex])


def stop_path(member: Membership) -> str:
    """Return the path of the link that stops a member's digests."""
    return _path([_STOP, current_tenant().pk.hex, member.pk.hex])


def _path(said: list[str]) -> str:
    return reverse("digest-link", kwargs={"token": signing.dumps(said, salt=_SALT)})


def read(text: str) -> Token | None:
    """Return what a link says; None for one that we did not make, or whose time is over."""
    try:
        kind, *said = signing.loads(text, salt=_SALT, max_age=STOP_LASTS)
        if kind == _STOP:
            tenant, member = said
            return Token(UUID(tenant), UUID(member))
        signing.loads(text, salt=_SALT, max_age=ACT_LASTS)
        tenant, member, act, row = said
        return Token(UUID(tenant), UUID(member), act, UUID(row))
    except (signing.BadSignature, ValueError, TypeError):
        return None
