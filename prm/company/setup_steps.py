"""The steps that a company takes about itself: its settings, and its people."""

from prm.accounts.models import Invitation, Membership
from prm.accounts.rights import Right
from prm.company.settings.queries import is_confirmed
from prm.company.setup.registry import SetupStep, StepState
from prm.core.calendar import MONTH_NAMES
from prm.tenancy.context import current_tenant
from prm.ui.formatting import plural


def _company() -> StepState:
    tenant = current_tenant()
    facts = (
        f"Partners are called “{tenant.partner_noun_plural}”, orders “{tenant.order_noun_plural}”. {tenant.currency}, "
        f"{tenant.timezone.replace('_', ' ')}, year from {MONTH_NAMES[tenant.year_starts - 1]}."
    )
    return StepState(is_confirmed(), facts if is_confirmed() else f"{facts} Nobody has confirmed that yet.")


def _people() -> StepState:
    members = Membership.objects.active().staff().count()
    invited = Invitation.objects.open().joining().count()
    facts = plural(members, "member") + (f", {plural(invited, 'invitation')} open" if invited else "")
    return StepState(members + invited > 1, f"{facts}.")


STEPS = [
    SetupStep(
        key="company",
        title="Name your words, currency and time",
        why="Sums are counted in one currency, days and months in one time zone; your nouns stand on every page.",
        look=_company,
        url_name="company:settings",
        action="Look at them",
        right=Right.SETTINGS_EDIT,
        order=10,
    ),
    SetupStep(
        key="people",
        title="Invite managers and reps",
        why="Managers sign tiers, reps keep their panel and log visits. Each sees what their role needs.",
        look=_people,
        url_name="accounts:member-add",
        action="Invite",
        again="Invite more",
        right=Right.MEMBER_EDIT,
        order=20,
    ),
]
