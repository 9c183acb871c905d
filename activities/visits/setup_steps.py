"""The step that makes a company begin: the first visit."""

from activities.visits.models import Visit
from prm.accounts.rights import Right
from prm.company.sample.queries import own_rows
from prm.company.setup.registry import SetupStep, StepState
from prm.ui.formatting import plural


def _visit() -> StepState:
    visits = own_rows(Visit.objects.all()).count()
    return StepState(visits > 0, f"{plural(visits, 'visit')} so far." if visits else "None yet.")


STEPS = [
    SetupStep(
        key="visit",
        title="Log the first visit",
        why="What was learned goes with it, and the score follows within seconds.",
        look=_visit,
        url_name="activities:log",
        action="Log visit",
        again="Log another",
        right=Right.ACTIVITY_WRITE,
        needs=("import",),
        order=70,
    )
]
