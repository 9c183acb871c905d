"""What Today tells in the digest: promises and visits that are due, estimates asked for.

A promise is ticked off from the mail, and a question answered by "cannot say".
"""

from collections.abc import Sequence
from uuid import UUID

from activities.plans.queries import panel_of
from activities.plans.rules import due_now
from activities.visits.models import Visit
from activities.visits.rules import promise_lateness
from activities.visits.service import complete_step, reopen_step
from partners.directory.models import Partner
from partners.share.models import EstimateRequest
from partners.share.queries import asked_of as estimates_asked
from partners.share.service import decline_request, reopen_request
from partners.share.states import RequestState
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.digest.lines.registry import Act, Asked, Asking, Line, Topic
from prm.tenancy.context import current_tenant
from prm.ui.formatting import day

KEPT = "promise-kept"
CANNOT_SAY = "estimate-unknown"


def _promises(asking: Asking) -> Sequence[Line]:
    """Return what the member promised by today and has not done, the most urgent first; each can be ticked off."""
    due = Visit.objects.filter(rep=asking.member).promises().filter(next_step_due__lte=asking.day)
    return [
        Line(
            visit.next_step,
            f"Promised to {visit.partner.name}, {promise_lateness(visit.next_step_due, asking.day).words.lower()}.",
            visit.partner.get_absolute_url(),
            act=(KEPT, visit.pk),
            mark=str(visit.pk),
        )
        for visit in due.select_related("partner")[:100]
    ]


def _ask_promise(member: Membership, visit_id: UUID) -> Asked | None:
    visit = (
        Visit.objects.filter(pk=visit_id, rep=member).exclude(next_step="").select_related("partner").first()
    )
    if visit is None:
        return None
    promised = f"Promised to {visit.partner.name} on {day(visit.happened_at)}."
    return Asked(visit.next_step, promised, is_done=visit.next_step_done_at is not None)


def _keep_promise(member: Membership, visit_id: UUID) -> None:
    complete_step(visit=Visit.objects.select_for_update(of=("self",)).get(pk=visit_id, rep=member))


def _reopen_promise(member: Membership, visit_id: UUID) -> None:
    reopen_step(visit=Visit.objects.select_for_update(of=("self",)).get(pk=visit_id, rep=member))


def _visits(asking: Asking) -> Sequence[Line]:
    """Return whom of the own panel is to be seen by the call plans, the furthest behind first."""
    panel = panel_of(Partner.objects.active().filter(rep=asking.member), asking.day)
    names = {row.partner.pk: row.partner for row in panel}
    due = [found for row in panel if (found := due_now(row.state, asking.day))]
    return [
        Line(
            names[one.partner_id].name,
            one.reason,
            names[one.partner_id].get_absolute_url(),
            mark=str(one.partner_id),
        )
        for one in sorted(due, key=lambda one: (-one.behind, one.partner_id))
    ]


def _totals(asking: Asking) -> Sequence[Line]:
    """Return what the member is asked to estimate; each opens the form that answers it."""
    return [
        Line(
            one.partner.name,
            f"{one.asked_by.user if one.asked_by else 'Somebody'} asks what they send in a year, here and elsewhere"
            f"{f': “{one.note}”' if one.note else '.'}",
            tenant_url(current_tenant(), "partners:estimate-add", pk=one.partner_id),
            act=(CANNOT_SAY, one.pk),
            mark=str(one.pk),
        )
        for one in estimates_asked(asking.member.pk)
    ]


def _ask_total(member: Membership, request_id: UUID) -> Asked | None:
    found = (
        EstimateRequest.objects.filter(pk=request_id, partner__rep=member).select_related("partner").first()
    )
    if found is None or found.state not in (RequestState.OPEN, RequestState.UNKNOWN):
        return None
    words = (
        f"You cannot say what {found.partner.name} sends in a year. A manager sees that, and can ask again."
    )
    return Asked(found.partner.name, words, is_done=found.state == RequestState.UNKNOWN)


def _cannot_say(member: Membership, request_id: UUID) -> None:
    decline_request(EstimateRequest.objects.get(pk=request_id, partner__rep=member).pk)


def _say_after_all(member: Membership, request_id: UUID) -> None:
    reopen_request(EstimateRequest.objects.get(pk=request_id, partner__rep=member).pk)


TOPICS = [
    Topic(
        key="promises",
        label="What you promised",
        nouns=lambda: ("promise due", "promises due"),
        right=Right.PANEL_KEEP,
        url_name="activities:promises",
        find=_promises,
        order=5,
    ),
    Topic(
        key="visits-due",
        label="Visits that are due",
        nouns=lambda: ("visit due", "visits due"),
        right=Right.PANEL_KEEP,
        url_name="activities:today",
        find=_visits,
        order=25,
    ),
    Topic(
        key="estimates-asked",
        label="What you are asked to estimate",
        nouns=lambda: ("estimate asked for", "estimates asked for"),
        right=Right.PANEL_KEEP,
        url_name="activities:today",
        find=_totals,
        order=27,
    ),
]
ACTS = [
    Act(
        key=KEPT,
        label="Done",
        right=Right.ACTIVITY_WRITE,
        ask=_ask_promise,
        do=_keep_promise,
        undo=_reopen_promise,
    ),
    Act(
        key=CANNOT_SAY,
        label="I cannot say",
        right=Right.PARTNER_EDIT,
        ask=_ask_total,
        do=_cannot_say,
        undo=_say_after_all,
    ),
]
