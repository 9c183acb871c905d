"""What callers hand to the services, and the checks that every door shares.

The checks raise :class:`~prm.tenancy.errors.Refused` with the field's name and a sentence for the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import TextChoices

from activities.models import Competitor, Differentiator, Opportunity
from activities.states import Channel, Outcome, Purpose, Stage
from partners.models import Partner
from prm.tenancy import calendar, clock
from prm.tenancy.context import current_tenant
from prm.tenancy.errors import Refused
from prm.tenancy.models import Membership, Role, TenantModel

EARLIEST = date(1990, 1, 1)
AHEAD = timedelta(days=1)
LONGEST_TEXT = 10_000
LARGEST_AMOUNT = Decimal("9999999999.99")
FARTHEST_YEARS = 10


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


@dataclass(frozen=True, kw_only=True, slots=True)
class InsightInput:
    """One fact about the competition. Competitor and differentiators may be given by (new) names."""

    competitor: Competitor | str
    outcome: str
    happened_on: date | None = None
    note: str = ""
    amount: Decimal | None = None
    differentiators: Sequence[Differentiator | str] = ()
    opportunity: Opportunity | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityInput:
    """Future business: its name, amount in the tenant's currency, day and stage."""

    name: str
    amount: Decimal
    close_date: date
    stage: str = Stage.PROSPECTING
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetInput:
    """A new amount or day for an open opportunity; without ``opportunity`` a new one called ``name``."""

    opportunity: Opportunity | None = None
    name: str = ""
    amount: Decimal | None = None
    close_date: date | None = None
    note: str = ""


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


def check_day(day: date | None, field: str, *, past_only: bool = False) -> None:
    """Refuse days nobody can have meant: before 1990, over ten years ahead, or ahead at all."""
    if day is None:
        return
    today = calendar.today(current_tenant())
    if day < EARLIEST:
        raise Refused(f"{day.year} is too long ago. Check the year.", field=field, code="too_early")
    if past_only and day > today + AHEAD:
        raise Refused("This lies in the future.", field=field, code="future")
    if day.year > today.year + FARTHEST_YEARS:
        raise Refused(f"{day.year} is too far ahead. Check the year.", field=field, code="too_late")


def checked_amount(amount: Decimal, field: str = "amount") -> Decimal:
    """Return the amount to the cent; refuse negative, endless and absurd ones."""
    if not amount.is_finite() or amount < 0 or amount > LARGEST_AMOUNT:
        raise Refused("Give an amount between 0 and 9,999,999,999.99.", field=field, code="out_of_range")
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def text(value: str, field: str, longest: int = LONGEST_TEXT) -> str:
    """Return the trimmed text; refuse what is too long to keep or holds characters no database takes."""
    if "\x00" in value:
        raise Refused(
            "The text holds an unreadable character. Paste it as plain text.", field=field, code="invalid"
        )
    trimmed = value.strip()
    if len(trimmed) > longest:
        raise Refused(
            f"At most {longest:,} characters fit here; this has {len(trimmed):,}.",
            field=field,
            code="max_length",
        )
    return trimmed


def choice(choices: type[TextChoices], value: str, field: str) -> str:
    """Return the value if it is one of ``choices``."""
    if value not in choices.values:
        raise Refused(f"Choose one of: {', '.join(choices.values)}.", field=field, code="invalid_choice")
    return str(value)


def checked_outcome(value: str) -> str:
    """Return a known outcome of an insight."""
    return choice(Outcome, value, "outcome")


def own(row: TenantModel | None, field: str) -> None:
    """Refuse a row of another tenant, in the words used for a row that does not exist."""
    if row is not None and row.tenant_id != current_tenant().pk:
        raise Refused("There is no such entry here.", field=field, code="does_not_exist")


def check_people(partner: Partner, rep: Membership | None) -> None:
    """Refuse other tenants' rows, and partners' sign-ins as reps."""
    own(partner, "partner")
    own(rep, "rep")
    if rep is not None and rep.role == Role.PARTNER:
        raise Refused("Only members of the organisation log activities.", field="rep", code="not_a_rep")


def id_taken() -> Refused:
    """Return the refusal of an id that already names something else."""
    return Refused("This id already names another entry. Send a new one.", field="id", code="id_taken")
