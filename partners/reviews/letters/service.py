"""Writes about letters: their template, and sending them."""

from typing import Final

from django.conf import settings as server
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet

from partners.reviews.cycle.models import CycleDecision, ReviewCycle, ReviewSettings
from partners.reviews.cycle.states import CycleState, LetterState
from partners.reviews.letters.queries import deserving, letters, pdf, template
from partners.reviews.letters.rules import check_template
from prm.accounts.rights import Right
from prm.accounts.signin.mail import NOT_SET_UP, NotSent, deliver
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

_CHUNK: Final = 10


@requires(Right.TIER_DECIDE)
@transaction.atomic
def set_letter(*, subject: str, text: str) -> ReviewSettings:
    """Write the tenant's letter. Raises `Refused` for a name in braces that stands for nothing."""
    subject, text = subject.strip(), text.strip()
    check_template(subject, text)
    kept = ReviewSettings.objects.select_for_update().first() or ReviewSettings()
    kept.letter_subject, kept.letter_text = subject, text
    kept.save()
    return kept


@requires(Right.TIER_DECIDE)
@transaction.atomic
def send_letters(cycle: ReviewCycle) -> int:
    """Send a signed review's letters by mail, in the background; return how many. One that was sent is not sent again."""
    if cycle.state not in (CycleState.SIGNED, CycleState.IN_FORCE):
        raise Refused(f"{cycle.name} is not signed yet.", code="unsigned")
    if not server.MAIL_IS_SET_UP:
        raise Refused(f"{NOT_SET_UP} Print the letters instead.", code="no_mail")
    waiting = to_send(cycle)
    count = waiting.count()
    if not count:
        raise Refused("No letter is left to send: all were sent, or no address is known.", code="none")
    CycleDecision.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        letter=LetterState.ASKED
    )
    send_task("partners.send_letters")
    return count


@needs_no_right("reads")
def to_send(cycle: ReviewCycle) -> QuerySet[CycleDecision]:
    """Return the decisions whose letter can be mailed and was not yet."""
    return (
        deserving(cycle)
        .exclude(partner__email="")
        .filter(~Q(letter__in=(LetterState.ASKED, LetterState.SENT)))
    )


@needs_no_right("does what was asked")
def send_some() -> bool:
    """Send some of the letters that are asked for; return whether more are left."""
    asked = CycleDecision.objects.filter(letter=LetterState.ASKED)
    with transaction.atomic():
        some = list(
            asked.select_for_update(of=("self",), skip_locked=True).select_related(
                "partner", "cycle__signed_by__user"
            )[:_CHUNK]
        )
        for letter in letters(some, template()):
            message = EmailMessage(letter.subject, letter.text, server.DEFAULT_FROM_EMAIL, [letter.to])
            message.attach("letter.pdf", pdf([letter]), "application/pdf")
            try:
                deliver(message)
                letter.decision.letter, letter.decision.letter_at = LetterState.SENT, now()
            except NotSent:
                letter.decision.letter = LetterState.FAILED
            letter.decision.save(update_fields=["letter", "letter_at"])
    return len(some) == _CHUNK
