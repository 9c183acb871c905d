"""What callers hand to the services, and the checks that every door shares.

The checks raise :class:`~prm.core.errors.Refused` with the field's name and a sentence for the person.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import TextChoices

from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.fields import LONGEST_TEXT
from prm.core.notation.reader import figure
from prm.tenancy.base import TenantModel
from prm.tenancy.context import current_tenant

EARLIEST = date(1990, 1, 1)
AHEAD = timedelta(days=1)


LARGEST_AMOUNT = Decimal("9999999999.99")


FARTHEST_YEARS = 10


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


def check_moment(moment: datetime) -> None:
    """Refuse a moment without its zone, in the future, or too long ago for anybody to have meant it."""
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
            f"At most {figure(longest)} characters fit here; this has {figure(len(trimmed))}.",
            field=field,
            code="max_length",
        )
    return trimmed


def choice(choices: type[TextChoices], value: str, field: str) -> str:
    """Return the value if it is one of ``choices``."""
    if value not in choices.values:
        raise Refused(f"Choose one of: {', '.join(choices.values)}.", field=field, code="invalid_choice")
    return str(value)


def own(row: TenantModel | None, field: str) -> None:
    """Refuse a row of another tenant, in the words used for a row that does not exist."""
    if row is not None and row.tenant_id != current_tenant().pk:
        raise Refused("There is no such entry here.", field=field, code="does_not_exist")


def check_people(partner: Partner, rep: Membership | None) -> None:
    """Refuse other tenants' rows, and partners' sign-ins as reps."""
    own(partner, "partner")
    own(rep, "rep")
    if rep is not None and rep.role not in roles_with(Right.ACTIVITY_WRITE):
        raise Refused("Only members of the organisation log activities.", field="rep", code="not_a_rep")


def id_taken() -> Refused:
    """Return the refusal of an id that already names something else."""
    return Refused("This id already names another entry. Send a new one.", field="id", code="id_taken")
