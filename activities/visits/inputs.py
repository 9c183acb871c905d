"""What callers hand to the writes of visits, and its checks."""

from dataclasses import dataclass
from datetime import date, datetime

from activities.inputs import AHEAD, EARLIEST, check_day, choice, text
from activities.visits.states import Channel, Purpose
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitInput:
    """A visit as it is to be kept. ``happened_at`` is aware; ``next_step_due`` is the tenant's day."""

    channel: str
    happened_at: datetime
    purpose: str
    purpose_other: str = ""
    minutes: int | None = None
    learned: str = ""
    next_step: str = ""
    next_step_due: date | None = None


def checked_visit(visit: VisitInput) -> VisitInput:
    """Return the visit with trimmed texts. Raises Refused for what breaks a rule."""
    _check_moment(visit.happened_at)
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
    )


def _check_moment(moment: datetime) -> None:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise Refused(
            "Give the time with its zone, as in 2026-11-23T09:40:00+01:00.",
            field="happened_at",
            code="naive_time",
        )
    if moment > clock.now() + AHEAD:
        raise Refused(
            "This lies in the future. A visit is logged after it happened.",
            field="happened_at",
            code="future",
        )
    if moment.date() < EARLIEST:
        raise Refused(
            f"{moment.year} is too long ago. Check the year.", field="happened_at", code="too_early"
        )
