"""Which ways to sign in are set up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator

from prm.accounts.models import User


@dataclass(frozen=True, slots=True)
class Security:
    """Names of passkeys, since when the authenticator app is on, and how many recovery codes are left of how many."""

    passkeys: tuple[str, ...]
    app_since: datetime | None
    codes_left: int
    codes: int

    @property
    def has_second_step(self) -> bool:
        """Return whether the password alone opens nothing."""
        return bool(self.passkeys or self.app_since)


def with_second_step(user_ids: Collection[int]) -> set[int]:
    """Return whose password alone opens nothing, of these accounts (1 query)."""
    kinds = Authenticator.Type
    found = Authenticator.objects.filter(user__in=user_ids, type__in=(kinds.TOTP, kinds.WEBAUTHN))
    return set(found.values_list("user_id", flat=True))


def security_of(user: User) -> Security:
    """Return what is set up for the account."""
    found = list(Authenticator.objects.filter(user=user).order_by("pk"))
    kinds = Authenticator.Type
    app = next((one for one in found if one.type == kinds.TOTP), None)
    codes = next((one for one in found if one.type == kinds.RECOVERY_CODES), None)
    wrapped = codes.wrap() if codes is not None else None
    return Security(
        passkeys=tuple(str(one) for one in found if one.type == kinds.WEBAUTHN),
        app_since=app.created_at if app is not None else None,
        codes_left=len(wrapped.get_unused_codes()) if wrapped is not None else 0,
        codes=len(wrapped.generate_codes()) if wrapped is not None else 0,
    )
