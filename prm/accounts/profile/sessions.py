"""Where a person is signed in, and how such a session is ended."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from prm.accounts.models import User

# The first that is found counts: Edge says it is Chrome, and everything says it is Safari.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_HANDHELD: Final = re.compile(r"iPhone|Android|Mobile")


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One place where a person is signed in."""

    pk: int
    device: str
    icon: str
    address: str
    signed_in: datetime
    last_seen: datetime
    is_this: bool


def own_sessions(request: HttpRequest, user: User) -> list[OwnSession]:
    """Return the person's open sessions, this one first, then the latest used."""
    found = [_read(one, request.session.session_key) for one in UserSession.objects.purge_and_list(user)]
    return sorted(found, key=lambda one: (not one.is_this, -one.last_seen.timestamp()))


def end_sessions(request: HttpRequest, user: User, *, only: int | None = None) -> int:
    """End the person's other sessions, or the one with this id; returns how many. The present one stays."""
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    found = list(others if only is None else others.filter(pk=only))
    for session in found:
        session.end()
    return len(found)


def device(user_agent: str) -> str:
    """Return `Firefox on Windows`; what is not known is called so."""
    browser = next((word for sign, word in _BROWSERS if sign in user_agent), "")
    system = next((word for sign, word in _SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, (browser, system))) or "Unknown program"


def _read(session: UserSession, this: str | None) -> OwnSession:
    agent = str(session.user_agent)
    return OwnSession(
        pk=int(session.pk),
        device=device(agent),
        icon="device-mobile" if _HANDHELD.search(agent) else "device-laptop",
        address=str(session.ip),
        signed_in=session.created_at,
        last_seen=session.last_seen_at,
        is_this=session.session_key == this,
    )
