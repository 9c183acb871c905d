"""Writes of call plans."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from activities.checks import check_day, own
from activities.plans.models import CallPlan
from activities.plans.rules import PERIOD_WORDS
from activities.rights import require_change
from partners.directory.models import Partner
from prm.accounts.rights import Right
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.types import Json
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
    _check_plan(visits, months)
    check_day(valid_from, "valid_from")
    today = calendar.today(current_tenant())
    start = valid_from or CallPlan(visits=visits, months=months).plan.period(today).start
    plan, _ = CallPlan.objects.update_or_create(
        partner=partner, valid_from=start, defaults={"visits": visits, "months": months}
    )
    CallPlan.objects.filter(partner=partner, valid_from__gt=start, valid_from__lte=today).delete()
    return plan


def _check_plan(visits: int, months: int) -> None:
    if months not in PERIOD_WORDS:
        raise Refused("Plan by 1, 2, 3, 6 or 12 months.", field="months", code="invalid_choice")
    if not 0 <= visits <= MOST_VISITS:
        raise Refused(f"Plan between 0 and {MOST_VISITS} visits.", field="visits", code="out_of_range")


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_call_plan(*, plan: CallPlan) -> None:
    """Take a plan away that was made by mistake; the one before it is in force again."""
    require_change(plan.partner.rep_id)
    plan.delete()


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def set_call_plans(partner_ids: Sequence[UUID], *, visits: int, months: int) -> tuple[date, dict[str, Json]]:
    """Plan the same for many partners from the running block on, with three statements.

    Returns the day it holds from, and for each partner that had another plan since that day what it was (a list
    of [valid_from, visits, months], perhaps empty). Raises Refused.
    """
    _check_plan(visits, months)
    today = calendar.today(current_tenant())
    start = CallPlan(visits=visits, months=months).plan.period(today).start
    since = CallPlan.objects.filter(partner_id__in=partner_ids, valid_from__gte=start, valid_from__lte=today)
    before: dict[str, list[list[Json]]] = {str(pk): [] for pk in partner_ids}
    for plan in since.order_by("partner_id", "valid_from"):
        before[str(plan.partner_id)].append([plan.valid_from.isoformat(), plan.visits, plan.months])
    same = [[start.isoformat(), visits, months]]
    changing = {pk: plans for pk, plans in before.items() if plans != same}
    since.filter(partner_id__in=list(changing)).delete()
    CallPlan.objects.bulk_create(
        CallPlan(partner_id=UUID(pk), visits=visits, months=months, valid_from=start) for pk in changing
    )
    return start, dict(changing)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def put_plans_back(before: Mapping[str, Json], after: Mapping[str, Json]) -> int:
    """Give partners the plans back that they had before `set_call_plans`, where its plan is still there; three statements."""
    start = date.fromisoformat(str(after["valid_from"]))
    still = CallPlan.objects.filter(
        partner_id__in=list(before),
        valid_from=start,
        visits=str(after["visits"]),
        months=str(after["months"]),
    )
    ids = [str(pk) for pk in still.values_list("partner_id", flat=True)]
    still.delete()
    CallPlan.objects.bulk_create(
        CallPlan(partner_id=UUID(pk), valid_from=date.fromisoformat(str(day)), visits=visits, months=months)
        for pk in ids
        for day, visits, months in _plans(before[pk])
    )
    return len(ids)


def _plans(kept: Json) -> list[tuple[str, int, int]]:
    assert isinstance(kept, list)
    return [(str(plan[0]), int(plan[1]), int(plan[2])) for plan in kept if isinstance(plan, list)]
