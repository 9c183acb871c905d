"""What Today tells in the digest: promises and visits that are due. A promise is ticked off from the mail."""

from collections.abc import Sequence
from uuid import UUID

from activities.plans.queries import panel_of
from activities.plans.rules import due_now
from activities.visits.models import Visit
from activities.visits.rules import promise_lateness
from activities.visits.service import complete_step
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.digest.lines.registry import Act, Asked, Asking, Line, Topic
from prm.ui.formatting import day

KEPT = "promise-kept"


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
]
ACTS = [
    Act(
        key=KEPT,
        label="Done",
        right=Right.ACTIVITY_WRITE,
        ask=_ask_promise,
        do=_keep_promise,
    )
]
