"""The step that the rules of tiers are."""

from partners.policy.models import StandingPolicy
from prm.accounts.rights import Right
from prm.company.sample.queries import own_rows
from prm.company.setup.registry import SetupStep, StepState
from prm.tenancy.context import current_tenant
from prm.ui.formatting import money


def _bands() -> StepState:
    confirmed = own_rows(StandingPolicy.objects.filter(is_confirmed=True)).order_by("-version").first()
    if confirmed is None:
        return StepState(is_done=False, words="Nobody has a tier before somebody confirms bands.")
    tenant = current_tenant()
    words = (
        f"Medium from {money(confirmed.medium_from, tenant)}, high from {money(confirmed.high_from, tenant)}."
    )
    return StepState(is_done=True, words=words)


STEPS = [
    SetupStep(
        key="bands",
        title="Confirm tier bands",
        why="We propose them from your own revenue; you see who would be where before anything holds.",
        look=_bands,
        url_name="partners:policy",
        action="Look at the proposal",
        right=Right.POLICY_EDIT,
        needs=("import",),
        order=50,
    )
]
