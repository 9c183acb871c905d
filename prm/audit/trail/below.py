"""What lines about the rooms below this one offer to take back: those cannot know the trail, and it knows them."""

from collections.abc import Mapping, Sequence

from prm.accounts.rights import Right
from prm.audit.trail.queries import Line
from prm.audit.trail.states import Act
from prm.audit.trail.undoing import Offer, Stays, Taken, Undo
from prm.company.settings.models import CompanyChange
from prm.company.settings.queries import moves_of
from prm.company.settings.states import ChangeState
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant


def _company(lines: Sequence[Line]) -> Mapping[str, Offer]:
    """Offer to set back what moved no figures, as the page does."""
    rows = CompanyChange.objects.filter(state=ChangeState.DONE).in_bulk({line.object_id for line in lines})
    moved = Offer(
        why="This moved figures. Choose the value of before under Settings, and see what that does."
    )
    return {
        line.key: moved
        if moves_of(change) or "logo" in change.values
        else Offer(tenant_url(current_tenant(), "company:settings-undo", pk=change.pk))
        for line in lines
        if (change := rows.get(line.object_id))
    }


_BELOW = "Change it back where it stands; that is a line of its own."

UNDOS: list[Taken] = [
    Undo(
        key="company.companychange",
        acts=frozenset({Act.ADDED}),
        rights=(Right.SETTINGS_EDIT,),
        offers=_company,
        otherwise="It says of a change of settings what became of it.",
    ),
    Stays("accounts.membership", "Members are changed back under Members: a right that somebody had meanwhile is not undone."),
    Stays("accounts.invitation", "A mail that was sent cannot be called back. Revoke the invitation under Members."),
    Stays("accounts.apikey", "A key that was revoked stays so, whoever has it. Make a new one under Keys."),
    Stays("ownfields.ownfield", "Own fields are changed back under Settings; archived ones are brought back there."),
    Stays("audit.auditretention", "What was cleared is gone for good. Choose another time for what is still there."),
    Stays("audit.auditexport", "The file has left the house."),
    Stays("audit.auditclearing", "What was cleared is gone for good."),
    Stays("digest.digestdefault", _BELOW),
    Stays("digest.digestchoice", "Everybody chooses for themselves, under Profile."),
    Stays("salesforce.connection", "Pause or disconnect under Sync health."),
    Stays("salesforce.mappingversion", "Earlier versions are put in force again under Field mapping."),
    Stays("salesforce.credential", "Sign in again, or make another key, under Sync health."),
    Stays("salesforce.owner", "Choose again who stands for them, under Owners."),
    Stays("salesforce.ownerrules", "Choose another fallback owner under Owners."),
    Stays("salesforce.guardrules", _BELOW),
    Stays("company.sampledata", "Sample data is filled and removed as a whole, under Set-up."),
    Stays("company.companylogo", "Upload it again under Settings."),
]  # fmt: skip
