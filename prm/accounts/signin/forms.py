"""Forms of the account pages, where allauth's own do not do."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from prm.accounts.models import User, plain_address
from prm.accounts.signin.addresses import client_network
from prm.accounts.signin.throttle import CODES, CODES_IN_ALL


class NewPasswordField(forms.CharField):
    """A password somebody chooses; `check` holds it against the rules and the person's own words."""

    def __init__(self, *, label: str = "Password", help_text: str = "At least 8 characters.") -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(label=label, help_text=help_text, strip=False, max_length=128, widget=widget)

    @staticmethod
    def check_strength(password: str, *, email: str, name: str = "") -> None:
        """Raise ValidationError for a weak password."""
        validate_password(password, User(email=email, name=name))


class ResetForm(ResetPasswordForm):
    """Asks for a link to choose a new password, for every account that the address has."""

    def clean_email(self) -> str:
        """Find the accounts; that there is none is said to the address alone."""
        email = plain_address(str(self.cleaned_data["email"]))
        self.users = list(User.objects.filter(email=email, is_active=True).select_related("home"))
        return email

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        """Send the links, or say to the address that it has no account. Raises `NotSent` in both cases alike."""
        email = str(self.cleaned_data["email"])
        if not self.users:
            get_adapter().send_mail("account/email/unknown_account", email, {})
            return email
        return str(super().save(request, **kwargs))


class _CountedCode:
    """A code that may be tried some times from one place, and some more from everywhere."""

    user: User

    def clean_code(self) -> str:
        network = client_network(context.request)
        if CODES.is_over(self.user.pk, network) or CODES_IN_ALL.is_over(self.user.pk):
            raise forms.ValidationError("Too many wrong codes. Wait 5 minutes, then try again.")
        try:
            code = str(super().clean_code())  # type: ignore[misc]  # of the form it is mixed into
        except forms.ValidationError:
            CODES.count(self.user.pk, network)
            CODES_IN_ALL.count(self.user.pk)
            raise
        CODES.forget(self.user.pk, network)
        return code


class CodeForm(_CountedCode, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_CountedCode, ReauthenticateForm):
    """The second step again, before a change of what protects the account."""
