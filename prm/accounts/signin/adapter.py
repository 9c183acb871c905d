"""How people come in, on top of django-allauth."""

from typing import cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from prm.accounts.models import User, plain_address
from prm.accounts.signin.addresses import client_address
from prm.accounts.signin.lockout import forget_tries, tries_left
from prm.accounts.signin.mail import NotSent, deliver
from prm.core.fields import seal, unseal

Context = dict[str, object]
# What Fernet's output begins with; a secret kept before secrets were sealed begins otherwise.
_SEALED = "gAAAA"


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up: people are invited. Wrong passwords are counted by django-axes alone."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "E-mail or password is wrong.",  # nosec B105 # a sentence for people
        "too_many_login_attempts": "Too many tries. Wait 5 minutes, then try again.",
        "incorrect_password": "The password is wrong.",  # nosec B105 # a sentence for people
        "enter_current_password": "Type your present password.",  # nosec B105 # a sentence for people
        "incorrect_code": "The code is wrong. Codes change every 30 seconds.",
        "account_inactive": "This account is closed. Ask your administrator.",
        "rate_limited": "Too many requests. Wait a minute, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False, always."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return where the request comes from, as far as trusted proxies say so."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Count nothing here: a counter by the address that is typed would let anybody shut its owner out."""

    def authenticate(self, request: HttpRequest, **credentials: object) -> AbstractBaseUser | None:
        """Return the account that the password opens; the right one ends the count of wrong tries."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        email = str(credentials.get("email") or "")
        if user is not None:
            # With a second account of this address somebody could begin anew after each few guesses.
            if User.objects.filter(email=plain_address(email)).count() == 1:
                forget_tries(request, email)
        elif not getattr(request, "axes_locked_out", False):
            left = tries_left(request, email)
            pause = round(float(settings.AXES_COOLOFF_TIME) * 60)
            if left <= 3:
                tries = "1 more try" if left == 1 else f"{left} more tries"
                words = f"E-mail or password is wrong. {tries}, then wait {pause} minutes."
                self.error_messages = {**self.error_messages, "email_password_mismatch": words}
        return user

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Return whether it is this account's password; wrong ones count as at the door."""
        person = cast("User", user)
        request = allauth_context.request
        return authenticate(request, email=person.email, password=password, only=person.pk) is not None

    def send_mail(self, template_prefix: str, email: str, context: Context) -> None:
        """Send a message; on a newcomer's machine its link is shown on the page as well. Raises `NotSent`."""
        request = allauth_context.request
        values = {"request": request, "email": email, **context}
        deliver(self.render_mail(template_prefix, email, values))
        link = context.get("password_reset_url") or context.get("activate_url")
        if settings.MAIL_IS_SHOWN and link:
            messages.info(
                request, f"No mail leaves this machine. The message to {email} has this link: {link}"
            )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: Context | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what changed in their account, if mail works; it must not stop the change."""
        try:
            super().send_notification_mail(template_prefix, user, context, email or cast("User", user).email)
        except NotSent:
            return

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go back to the profile, by way of the chooser that knows where it is."""
        return reverse("own-profile")


class SecondStepAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are encrypted at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is wrong. Codes change every 30 seconds.",
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret with the newest of `FIELD_KEYS`."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. Raises `WrongFieldKey`."""
        return unseal(encrypted_text) if encrypted_text.startswith(_SEALED) else encrypted_text
