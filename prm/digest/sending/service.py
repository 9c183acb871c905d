"""Claiming, putting together and sending digests."""

import logging
import time
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction

from prm.accounts.signin.mail import NotSent, deliver
from prm.core.clock import now
from prm.digest.choices.states import Frequency
from prm.digest.lines.queries import digest_for
from prm.digest.sending.mail import message_for
from prm.digest.sending.models import DigestMail
from prm.digest.sending.queries import Waiting, due, was_said, why_no_mail
from prm.digest.sending.states import MailState
from prm.tenancy.use_cases import requires
from prm.tenancy.work.states import Slice

logger = logging.getLogger(__name__)

KEPT: Final = timedelta(days=100)
"""For so long it is kept what became of digests."""


@requires()
def send_due(seconds: float) -> Slice:
    """Send the digests that are due in the tenant in scope, for about so long; each by itself, outside of transactions."""
    if why_no_mail():
        return Slice.DONE
    started = time.monotonic()
    with transaction.atomic():
        DigestMail.objects.filter(at__lt=now() - KEPT).delete()
        waiting = due(now())
    for one in waiting:
        send_one(one)
        if time.monotonic() - started > seconds:
            return Slice.MORE
    return Slice.DONE


@requires()
def send_one(waiting: Waiting) -> DigestMail | None:
    """Send one digest unless somebody else has claimed its day; return what became of it, None for another's.

    The claim is committed before anything is sent: killed in between, one mail is lost and none is sent twice.
    """
    claimed = _claim(waiting)
    if claimed is None:
        return None
    with transaction.atomic():
        digest = digest_for(
            waiting.member, since=waiting.since, until=claimed.at, muted=waiting.arranged.muted
        )
        claimed.lines, claimed.print = digest.count, digest.print
        is_daily = waiting.arranged.timing.frequency == Frequency.DAILY
        if digest.is_empty:
            return _note(claimed, MailState.NOTHING)
        if is_daily and was_said(waiting.member, digest):
            return _note(claimed, MailState.SAME)
        message = message_for(digest, waiting.arranged)
        claimed.subject = str(message.subject)
    try:
        deliver(message)
    except NotSent as failure:
        claimed.message = str(failure)[:200]
        return _note(claimed, MailState.FAILED)
    return _note(claimed, MailState.SENT)


def _claim(waiting: Waiting) -> DigestMail | None:
    try:
        with transaction.atomic():
            made: DigestMail = DigestMail.objects.create(member=waiting.member, day=waiting.day)
    except IntegrityError:
        return None
    return made


@transaction.atomic
def _note(mail: DigestMail, state: MailState) -> DigestMail:
    mail.state = state
    mail.save()
    return mail
