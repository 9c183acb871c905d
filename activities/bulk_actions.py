"""What this app does to many partners at once: their call plan."""

from activities.plans.forms import PlanForm
from activities.plans.many import give_back, give_plan
from partners.bulk.registry import BulkAction
from prm.accounts.rights import Right

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
