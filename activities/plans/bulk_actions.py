"""What this room does to many partners at once: one call plan for all, and the plans before it back."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from activities.plans.forms import PlanForm
from activities.plans.models import CallPlan
from activities.plans.service import put_plans_back, set_call_plans
from partners.bulk.registry import Applied, BulkAction
from prm.accounts.rights import Right
from prm.core.types import Json
from prm.ui.fields import Cleaned


def give_plan(ids: Sequence[UUID], data: Cleaned) -> Applied:
    """Plan the same visits for all; what each had from that day on is kept for an undo."""
    visits, months = int(data["visits"]), int(data["months"])
    start, before = set_call_plans(ids, visits=visits, months=months)
    after: Json = {"visits": visits, "months": months, "valid_from": start.isoformat()}
    return Applied(before, after, f"with the plan {CallPlan(visits=visits, months=months).plan.words}")


def give_back(before: Mapping[str, Json], after: Json) -> int:
    """Put each partner's plans back where nobody has planned anew since."""
    assert isinstance(after, dict)
    return put_plans_back(before, after)


ACTIONS = [
    BulkAction(
        key="plan",
        label="Call plan",
        icon="calendar-plus",
        letter="P",
        right=Right.ACTIVITY_MANAGE,
        form=PlanForm,
        apply=give_plan,
        undo=give_back,
        order=20,
    )
]
