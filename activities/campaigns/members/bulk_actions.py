"""What campaigns do with many partners at once: a selection of the list becomes members of one campaign's open wave."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django import forms

from activities.campaigns.members.service import add_selected, take_out_selected
from activities.campaigns.planning.models import Campaign
from partners.bulk.registry import Applied, BulkAction
from prm.accounts.rights import Right
from prm.core.types import Json
from prm.ui.fields import Cleaned

MOST = 100


class CampaignChoice(forms.Form):
    """Which campaign with an open list."""

    campaign: "forms.ModelChoiceField[Campaign]" = forms.ModelChoiceField(
        label="Campaign",
        queryset=None,
        error_messages={
            "invalid_choice": "Choose a campaign whose list is open.",
            "required": "Choose a campaign.",
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own
        open_ones = Campaign.objects.filter(waves__drawn_at=None).order_by("-starts_on", "-pk")
        self.fields["campaign"].queryset = open_ones  # type: ignore[attr-defined]


def join(ids: Sequence[UUID], data: Cleaned) -> Applied:
    """Add those who are no members yet, each with its coin."""
    campaign: Campaign = data["campaign"]
    new = add_selected(ids, campaign=campaign)
    return Applied({str(pk): None for pk in new}, str(campaign.pk), f"in {campaign.name}")


def leave(before: Mapping[str, Json], after: Json) -> int:
    """Take those out again who were added, while the list is open."""
    return take_out_selected([UUID(pk) for pk in before], campaign_id=UUID(str(after)))


ACTIONS = [
    BulkAction(
        key="campaign",
        label="Campaign",
        icon="speakerphone",
        letter="W",
        right=Right.ACTIVITY_MANAGE,
        form=CampaignChoice,
        apply=join,
        undo=leave,
        order=60,
    )
]
