"""Notes when a session was last used, and where: for the person's own list, and for the chooser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from allauth.usersessions.models import UserSession
from django.http import HttpResponseBase

from prm.accounts.http import ArrivingRequest
from prm.accounts.models import Membership
from prm.core.clock import now
from prm.tenancy.context import tenant_scope

# Noting every request would make each read a write.
RESOLUTION: Final = timedelta(minutes=5)
SEEN: Final = "prm_seen"


class SessionMiddleware:
    """After a page of somebody signed in, at most every five minutes and on entering another organisation."""

    def __init__(self, get_response: Callable[[ArrivingRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ArrivingRequest) -> HttpResponseBase:
        response = self.get_response(request)
        membership = getattr(request, "membership", None)
        # The API takes the user away from a request whose token it refuses.
        signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
        if membership is not None and request.session.session_key and signed_in:
            self._note(request, membership)
        return response

    def _note(self, request: ArrivingRequest, membership: Membership) -> None:
        moment = now()
        seen = request.session.get(SEEN)
        earliest = (moment - RESOLUTION).timestamp()
        if isinstance(seen, list) and seen[0] == str(membership.pk) and float(seen[1]) > earliest:
            return
        request.session[SEEN] = [str(membership.pk), moment.timestamp()]
        UserSession.objects.create_from_request(request)
        if request.tenant is not None:
            with tenant_scope(request.tenant):
                Membership.objects.filter(pk=membership.pk).update(last_seen_at=moment)
