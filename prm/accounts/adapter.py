"""How people come in, on top of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up: an administrator of a tenant adds its members."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "E-mail or password is wrong.",
        "too_many_login_attempts": "Too many tries. Wait 5 minutes, then try again.",
        "incorrect_password": "The password is wrong.",
        "enter_current_password": "Type your present password.",
        "incorrect_code": "The code is wrong. Codes change every 30 seconds.",
        "account_inactive": "This account is closed. Ask your administrator.",
        "rate_limited": "Too many requests. Wait a minute, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False, always."""
        return False
