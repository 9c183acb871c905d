"""Finds the account that an address and a password open."""

import re

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from prm.accounts.models import User, plain_address

_TENANT_IN_NEXT = re.compile(r"/t/(?P<slug>[-a-zA-Z0-9_]+)/")


class AddressBackend(AuthenticationBackend):
    """An address may have one account that has proved it and, per organisation, one that has not.

    The password decides which of them is meant; with the same password, the account of the organisation whose
    page was asked for goes first, then the proved one.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        *,
        email: str = "",
        password: str = "",
        only: int | None = None,
        **other: object,
    ) -> User | None:
        """Return the account, or None. `only` is the id of the account that may be meant."""
        if not email or not password:
            return None
        found = User.objects.filter(email=plain_address(email))
        users = list(found.filter(pk=only) if only is not None else found)
        if not users:
            User().set_password(password)  # as long as comparing one would take
            return None
        slug = _asked_tenant(request)
        users.sort(key=lambda user: (not (slug and user.is_at_home(slug)), user.home_id is not None, user.pk))
        for user in users:
            if user.check_password(password):
                if self.user_can_authenticate(user):
                    return user
                self._stash_user(user)
                return None
        return None


def _asked_tenant(request: HttpRequest | None) -> str:
    if request is None:
        return ""
    asked = str(request.POST.get("next") or request.GET.get("next") or "")
    found = _TENANT_IN_NEXT.match(asked)
    return found["slug"] if found else ""
