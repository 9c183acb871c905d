"""Our own people: in the company's networks, or signed in here. A session is read only where its cookie came along."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from prm.accounts.models import Membership
from prm.accounts.rights import staff_roles


def is_signed_in_staff(request: HttpRequest) -> bool:
    """Whether one of the people of the tenant in scope asks, as far as a session says (2 queries, only with its cookie)."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key or "\0" in key:
        return False
    found = import_module(settings.SESSION_ENGINE).SessionStore(key).get(SESSION_KEY)
    if found is None or not str(found).isdigit():
        return False
    return bool(
        Membership.objects.filter(user_id=int(found), is_active=True, role__in=staff_roles()).exists()
    )
