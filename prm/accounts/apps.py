"""Application config of accounts."""

from typing import TYPE_CHECKING

from allauth.account.signals import password_reset
from django.apps import AppConfig

if TYPE_CHECKING:
    from prm.accounts.models import User


class AccountsConfig(AppConfig):
    """People, memberships, rights and keys."""

    name = "prm.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Note who has proved an address by choosing a new password from their mail."""
        password_reset.connect(_note_reset, dispatch_uid="accounts.reset")


def _note_reset(user: "User", **_: object) -> None:
    from prm.accounts.signin.proof import prove_by_reset  # noqa: PLC0415 - cycle of apps at start

    prove_by_reset(user)
