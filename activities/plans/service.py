"""Writes of call plans."""

from datetime import date

from django.db import transaction

from activities.checks import check_day, own
from activities.plans.models import CallPlan
from activities.plans.rules import PERIOD_WORDS
from activities.rights import require_change
from partners.directory.models import Partner
from prm.accounts.rights import Right
from prm.core import calendar
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

MOST_VISITS = 31


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def set_call_plan(
    *, partner: Partner, visits: int, months: int = 1, valid_from: date | None = None
) -> CallPlan:
    """Plan ``visits`` in each calendar block of ``months`` months, from a day on.

    ``valid_from`` defaults to the first day of the present block, so that the running block is judged by
    the new plan; the plan before it stays for the time before. ``visits=0`` plans none. Raises Refused.
    """
    own(partner, "partner")
    require_change(partner.rep_id)
    if months not in PERIOD_WORDS:
        raise Refused("Plan by 1, 2, 3, 6 or 12 months.", field="months", code="invalid_choice")
    if not 0 <= visits <= MOST_VISITS:
        raise Refused(f"Plan between 0 and {MOST_VISITS} visits.", field="visits", code="out_of_range")
    check_day(valid_from, "valid_from")
    today = calendar.today(current_tenant())
    start = valid_from or CallPlan(visits=visits, months=months).plan.period(today).start
    plan, _ = CallPlan.objects.update_or_create(
        partner=partner, valid_from=start, defaults={"visits": visits, "months": months}
    )
    CallPlan.objects.filter(partner=partner, valid_from__gt=start, valid_from__lte=today).delete()
    return plan


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_call_plan(*, plan: CallPlan) -> None:
    """Take a plan away that was made by mistake; the one before it is in force again."""
    require_change(plan.partner.rep_id)
    plan.delete()
