"""Application config of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, memberships, rights and keys."""

    name = "prm.accounts"
    label = "accounts"
    verbose_name = "Accounts"
