"""Clearing what nobody needs any more: sessions that have ended, and the lock-out log."""

from datetime import timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from prm.core.clock import now
from prm.tenancy.use_cases import requires


@requires()
@transaction.atomic
def clear_expired() -> dict[str, int]:
    """Remove ended sessions, and tries to sign in and sign-ins older than `SIGN_IN_LOG_DAYS`; return how many of each."""
    before = now() - timedelta(days=settings.SIGN_IN_LOG_DAYS)
    logs = {"attempts": AccessAttempt, "failures": AccessFailureLog, "sign_ins": AccessLog}
    removed = {
        name: model.objects.filter(attempt_time__lt=before).delete()[0] for name, model in logs.items()
    }
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    # What people's own lists say of their sessions goes with them.
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return removed
