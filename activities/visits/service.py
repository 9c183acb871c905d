"""Writes of visits and the promises made in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from activities.checks import check_day, check_moment, check_people, choice, id_taken, text
from activities.market.budgets import service as budgets_service
from activities.market.budgets.service import BudgetInput
from activities.market.competition import service as competition_service
from activities.market.competition.service import InsightInput
from activities.rights import require_change, require_own_name
from activities.visits.models import Visit, VisitValue
from activities.visits.rules import is_same_promise
from activities.visits.states import Channel, Purpose
from partners.contacts.models import Contact
from partners.directory.models import Partner
from partners.standing.models import Standing
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.ownfields import values as own_values
from prm.ownfields.queries import fields_of
from prm.ownfields.rules import Raw
from prm.tenancy.audit import bring_back, gone, was
from prm.tenancy.base import ids_for
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitInput:
    """A visit as it is to be kept. ``happened_at`` is aware; ``next_step_due`` is the tenant's day.

    ``met_id`` is the contact of the partner whom the visit was with, if anybody is named.
    """

    channel: str
    happened_at: datetime
    purpose: str
    purpose_other: str = ""
    minutes: int | None = None
    learned: str = ""
    next_step: str = ""
    next_step_due: date | None = None
    met_id: UUID | None = None


class Logged(NamedTuple):
    """A visit, and whether this call made it (False: it had been sent before)."""

    visit: Visit
    created: bool


class Restored(NamedTuple):
    """A visit that is there again, and how many of its budgets stay as they are, having been changed since."""

    visit: Visit
    budgets_left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PastVisit:
    """One visit of a series that is taken over from elsewhere (see :func:`log_past_visits`)."""

    partner: Partner
    rep: Membership
    details: VisitInput
    own: Mapping[str, Raw] = field(default_factory=dict)


@requires(Right.ACTIVITY_WRITE)
@transaction.atomic
def log_visit(
    *,
    partner: Partner,
    rep: Membership,
    details: VisitInput,
    insight: InsightInput | None = None,
    budget: BudgetInput | None = None,
    visit_id: UUID | None = None,
    own: Mapping[str, Raw] | None = None,
) -> Logged:
    """Keep a visit with what came out of it and its own fields (`own`, by key), all or nothing.

    ``visit_id`` may be minted by the caller: the same id for the same partner and rep again changes
    nothing and gives the first result, also when two such calls run at once. Raises Refused for broken
    rules (fields of the insight and the budget are prefixed ``insight.`` and ``budget.``) and for an id
    that names something else.
    """
    check_people(partner, rep)
    require_own_name(rep)
    if visit_id and (earlier := _sent_before(visit_id, partner, rep)):
        return Logged(earlier, created=False)
    visit = _unsaved(PastVisit(partner=partner, rep=rep, details=details), visit_id or uuid7())
    visit.score_before = Standing.objects.filter(partner=partner).values_list("score", flat=True).first()
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:
        earlier = _sent_before(visit.pk, partner, rep)
        if earlier is None:  # the id is in use where we may not look
            raise id_taken() from None
        return Logged(earlier, created=False)
    own_values.write("visit", {visit.pk: own or {}})
    _save_outcome(visit, insight, budget)
    return Logged(visit, created=True)


def _checked(visit: VisitInput) -> VisitInput:
    """Return the visit with trimmed texts. Raises Refused for what breaks a rule."""
    check_moment(visit.happened_at)
    step = text(visit.next_step, "next_step", 200)
    day = calendar.local_date(current_tenant(), visit.happened_at)
    if visit.next_step_due and not step:
        raise Refused(
            "Say what is to be done by then, or leave out the date.", field="next_step", code="required"
        )
    if visit.next_step_due and visit.next_step_due < day:
        raise Refused(
            "The next step cannot be due before the visit.", field="next_step_due", code="too_early"
        )
    check_day(visit.next_step_due, "next_step_due")
    if visit.minutes is not None and not 1 <= visit.minutes <= 1440:
        raise Refused("A visit lasts between 1 and 1,440 minutes.", field="minutes", code="out_of_range")
    purpose = choice(Purpose, visit.purpose, "purpose")
    return VisitInput(
        channel=choice(Channel, visit.channel, "channel"),
        happened_at=visit.happened_at,
        purpose=purpose,
        purpose_other=text(visit.purpose_other, "purpose_other", 80) if purpose == Purpose.OTHER else "",
        minutes=visit.minutes,
        learned=text(visit.learned, "learned"),
        next_step=step,
        next_step_due=visit.next_step_due,
        met_id=visit.met_id,
    )


def _sent_before(visit_id: UUID, partner: Partner, rep: Membership) -> Visit | None:
    earlier = Visit.objects.filter(pk=visit_id).first()
    if earlier and (earlier.partner_id, earlier.rep_id) != (partner.pk, rep.pk):
        raise id_taken()
    return earlier


def _check_met(details: VisitInput, partner_id: UUID) -> None:
    """Refuse to have met somebody who is at another partner."""
    if details.met_id and not Contact.objects.filter(pk=details.met_id, partner_id=partner_id).exists():
        raise Refused("This contact is not at this partner.", field="met", code="does_not_exist")


def _unsaved(visit: PastVisit, visit_id: UUID) -> Visit:
    _check_met(visit.details, visit.partner.pk)
    return Visit(id=visit_id, partner=visit.partner, rep=visit.rep, **asdict(_checked(visit.details)))


def _save_outcome(visit: Visit, insight: InsightInput | None, budget: BudgetInput | None) -> None:
    day = calendar.local_date(current_tenant(), visit.happened_at)
    if insight is not None:
        with _part("insight"):
            competition_service.keep_insight(
                partner=visit.partner, rep=visit.rep, insight=insight, day=day, visit_id=visit.pk
            )
    if budget is not None:
        with _part("budget"):
            budgets_service.keep_budget(partner=visit.partner, by=visit.rep, budget=budget, visit_id=visit.pk)


@contextmanager
def _part(name: str) -> Iterator[None]:
    """Name the part of the form in the field of a refusal."""
    try:
        yield
    except Refused as error:
        field = f"{name}.{error.field}" if error.field else name
        raise Refused(error.message, field=field, code=error.code) from error


@requires()
@transaction.atomic
def log_past_visits(*, visits: Sequence[PastVisit]) -> list[Visit]:
    """Keep many visits at once, by the rules of :func:`log_visit`, as if logged when they happened.

    For taking over a history (the demo, a migration). A visit is named by partner, rep and moment.
    """
    for visit in visits:
        check_people(visit.partner, visit.rep)
    names = [
        (str(v.partner.pk), str(v.rep.pk), v.details.happened_at.astimezone(UTC).isoformat()) for v in visits
    ]
    ids = ids_for(Visit, "visit", names)
    unsaved = [_unsaved(visit, visit_id) for visit, visit_id in zip(visits, ids, strict=True)]
    for row in unsaved:
        row.created_at = row.happened_at
    made = Visit.objects.bulk_create(unsaved, batch_size=1000)
    own_values.write("visit", {row.pk: visit.own for row, visit in zip(made, visits, strict=True)})
    return made


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def change_visit(*, visit: Visit, details: VisitInput, own: Mapping[str, Raw] | None = None) -> Visit:
    """Correct a visit; it stays with its partner and rep. Raises Refused for broken rules.

    Of own fields those that `own` names are set, by key; None takes a value away.

    A promise that was kept stays so as long as it is the same one (`is_same_promise`); another one is open.
    """
    require_change(visit.rep_id)
    checked = _checked(details)
    _check_met(checked, visit.partner_id)
    before = visit.next_step, visit.next_step_due
    for name, value in asdict(checked).items():
        setattr(visit, name, value)
    if not is_same_promise(before, (visit.next_step, visit.next_step_due)):
        visit.next_step_done_at = None
    visit.save()
    own_values.write("visit", {visit.pk: own or {}})
    return visit


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_visit(*, visit: Visit, by: Membership | None) -> None:
    """Take a visit back together with what was saved with it.

    Its insights go too. Its budget updates are taken back by reverse rows where nobody has changed the
    opportunity since; an opportunity that began with the visit goes. The audit trail keeps everything.
    """
    require_change(visit.rep_id)
    for update in visit.budget_updates.select_related("opportunity").order_by("-at", "-id"):
        budgets_service.take_back(update=update, by=by)
    competition_service.remove_all(visit.insights.all())
    visit.delete()


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def restore_visit(*, visit_id: UUID, by: Membership | None) -> Restored:
    """Bring a visit back that was taken back, under its id, with what went with it.

    One that is there stays as it is. Raises Refused when there never was one, or its partner is gone.
    """
    present = Visit.objects.filter(pk=visit_id).first()
    if present is not None:
        require_change(present.rep_id)
        return Restored(present, 0)
    event = gone(Visit).filter(pgh_obj_id=visit_id).first()
    if event is None:
        raise Refused("There is no such visit here.", code="does_not_exist")
    visit = was(Visit, event)
    require_change(visit.rep_id)
    bring_back(visit)
    at = event.pgh_created_at
    _restore_own(visit, at)
    left = budgets_service.restore_budgets(partner_id=visit.partner_id, visit_id=visit.pk, at=at, by=by)
    competition_service.restore_all(partner_id=visit.partner_id, visit_id=visit.pk, at=at)
    return Restored(visit, left)


def _restore_own(visit: Visit, at: datetime) -> None:
    """Bring back the own fields that went with a visit; one whose field is gone since stays away."""
    fields = {one.pk for one in fields_of(current_tenant(), "visit", archived=True)}
    for event in gone(VisitValue).filter(visit_id=visit.pk, pgh_created_at=at):
        value = was(VisitValue, event)
        if value.field_id in fields:
            bring_back(value)


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def complete_step(*, visit: Visit) -> Visit:
    """Tick off the promise made in a visit; doing so again changes nothing."""
    require_change(visit.rep_id)
    if not visit.next_step:
        raise Refused("Nothing was promised in this visit.", field="next_step", code="no_step")
    if visit.next_step_done_at is None:
        visit.next_step_done_at = clock.now()
        visit.save(update_fields=["next_step_done_at"])
    return visit


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def reopen_step(*, visit: Visit) -> Visit:
    """Take the tick back."""
    require_change(visit.rep_id)
    visit.next_step_done_at = None
    visit.save(update_fields=["next_step_done_at"])
    return visit


@requires()
@transaction.atomic
def complete_past_steps(*, visits: Iterable[Visit]) -> None:
    """Mark the promises of taken-over visits as kept on the day they were due (or at once)."""
    done = []
    for visit in visits:
        if visit.has_open_step:
            visit.next_step_done_at = visit.happened_at
            done.append(visit)
    Visit.objects.bulk_update(done, ["next_step_done_at"], batch_size=1000)
