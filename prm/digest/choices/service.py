"""Writes of what is arranged."""

from collections.abc import Collection
from datetime import time

from django.core.exceptions import PermissionDenied
from django.db import transaction

from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import is_timezone
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.digest.choices.models import DigestChoice, DigestDefault
from prm.digest.choices.queries import choice_of, default
from prm.digest.choices.states import Frequency, Weekday
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.use_cases import needs_no_right, requires


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def set_default(
    *, frequency: str | None = None, weekday: int | None = None, at: time | None = None
) -> DigestDefault:
    """Say how often, on which day and when those are told who have not chosen themselves; None leaves it. Raises `Refused`."""
    _check(frequency=frequency or Frequency.DAILY, weekday=weekday, timezone="")
    lock_tenant("digest", current_tenant().pk)
    kept = default()
    new = (frequency or kept.frequency, kept.weekday if weekday is None else weekday, _minute(at or kept.at))
    if new != (kept.frequency, kept.weekday, kept.at):
        kept.frequency, kept.weekday, kept.at = new
        kept.changed_at = now()
        kept.save()
    return kept


@needs_no_right("everybody says for themselves what they are told; checked below")
@transaction.atomic
def set_choice(
    member: Membership,
    *,
    frequency: str | None = None,
    weekday: int | None = None,
    at: time | None = None,
    timezone: str | None = None,
    muted: Collection[str] | None = None,
    as_usual: Collection[str] = (),
) -> DigestChoice:
    """Say how often, when and of what a member is told; None leaves it, "" is as the organisation has it.

    `as_usual` names fields, `weekday` and `at`, that are the organisation's again. `muted` are keys of topics.
    Raises `PermissionDenied` for somebody else's choice, `Refused` for what cannot be.
    """
    actor = current_actor()
    if not actor.is_program and actor.member_id != member.pk:
        raise PermissionDenied("Everybody chooses for themselves.")
    _check(frequency=frequency or Frequency.DAILY, weekday=weekday, timezone=timezone or "")
    lock_tenant("digest", current_tenant().pk)
    kept = choice_of(member)
    before = _facts(kept)
    kept.frequency = kept.frequency if frequency is None else frequency
    kept.timezone = kept.timezone if timezone is None else timezone
    kept.weekday = None if "weekday" in as_usual else kept.weekday if weekday is None else weekday
    kept.at = None if "at" in as_usual else kept.at if at is None else _minute(at)
    kept.muted = kept.muted if muted is None else sorted(set(muted))
    if _facts(kept) != before:
        if _facts(kept)[:4] != before[:4]:
            kept.changed_at = now()
        kept.save()
    return kept


def _facts(kept: DigestChoice) -> tuple[str, int | None, time | None, str, list[str]]:
    return kept.frequency, kept.weekday, kept.at, kept.timezone, list(kept.muted)


def _minute(at: time) -> time:
    return at.replace(second=0, microsecond=0, tzinfo=None)


def _check(*, frequency: str, weekday: int | None, timezone: str) -> None:
    if frequency not in Frequency.values:
        raise Refused("Off, daily or weekly.", field="frequency", code="invalid")
    if weekday is not None and weekday not in Weekday.values:
        raise Refused("A day of the week is 0 (Monday) to 6 (Sunday).", field="weekday", code="invalid")
    if timezone and not is_timezone(timezone):
        raise Refused("A time zone is written like Europe/London, or UTC.", field="timezone", code="invalid")
