"""The step that a connection to Salesforce is."""

from __future__ import annotations

from prm.accounts.rights import Right
from prm.company.sample.queries import sample_data
from prm.company.setup.registry import SetupStep, StepState
from prm.salesforce.engine.models import Connection


def _connection() -> StepState:
    bound = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    if bound is None:
        hurdle = "remove the sample data first" if sample_data() else ""
        return StepState(is_done=False, words="Not connected.", hurdle=hurdle)
    if bound.is_resting:
        name = bound.organization_name or bound.login_url
        return StepState(is_done=False, words=f"Connected to {name}, not started: nothing is exchanged yet.")
    return StepState(is_done=True, words=f"Connected to {bound.organization_name or bound.login_url}.")


STEPS = [
    SetupStep(
        key="salesforce",
        title="Connect Salesforce",
        why="Level, tier, score and what they ordered stand beside your accounts there. You see first what is missing there.",
        look=_connection,
        url_name="salesforce:health",
        action="Connect",
        again="Look at it",
        right=Right.SYNC_EDIT,
        is_optional=True,
        order=60,
    )
]
