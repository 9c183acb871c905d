"""Every write of this app, one function per use case; the only way in for page, API, admin and import."""

from activities.services.inputs import BudgetInput, InsightInput, OpportunityInput, VisitInput
from activities.services.insights import (
    add_insight,
    change_insight,
    competitor_named,
    differentiator_named,
    remove_insight,
    rename,
)
from activities.services.opportunities import (
    change_opportunity,
    close_opportunity,
    create_opportunity,
    reopen_opportunity,
    reverse_budget,
    update_budget,
)
from activities.services.plans import set_call_plan
from activities.services.visits import (
    Logged,
    PastVisit,
    change_visit,
    complete_past_steps,
    complete_step,
    log_past_visits,
    log_visit,
    remove_visit,
    reopen_step,
)

__all__ = [
    "BudgetInput",
    "InsightInput",
    "Logged",
    "OpportunityInput",
    "PastVisit",
    "VisitInput",
    "add_insight",
    "change_insight",
    "change_opportunity",
    "change_visit",
    "close_opportunity",
    "competitor_named",
    "complete_past_steps",
    "complete_step",
    "create_opportunity",
    "differentiator_named",
    "log_past_visits",
    "log_visit",
    "remove_insight",
    "remove_visit",
    "rename",
    "reopen_opportunity",
    "reopen_step",
    "reverse_budget",
    "set_call_plan",
    "update_budget",
]
