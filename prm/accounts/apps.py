"""Application config of accounts."""

from typing import TYPE_CHECKING

from allauth.account.signals import password_reset
from django.apps import AppConfig

from prm.core.registry import contributed, discover

if TYPE_CHECKING:
    from prm.accounts.models import User


class AccountsConfig(AppConfig):
    """People, memberships, rights and keys. Finds every app's `profile_parts.py`, the way Django finds `admin.py`."""

    name = "prm.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Register the parts of the profile; note who has proved an address by a new password from their mail."""
        from prm.accounts.profile import parts  # noqa: PLC0415 - cycle of apps at start

        for module in discover("profile_parts", "PROFILE_PARTS"):
            parts.register(contributed(module, "PROFILE_PARTS", parts.ProfilePart))
        password_reset.connect(_note_reset, dispatch_uid="accounts.reset")


def _note_reset(user: "User", **_: object) -> None:
    from prm.accounts.signin.proof import prove_by_reset  # noqa: PLC0415 - cycle of apps at start

    prove_by_reset(user)
