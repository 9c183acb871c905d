"""The models of this app's rooms, imported for Django to find."""

from partners.alarms.models import OrderWatch
from partners.bulk.models import BulkChange
from partners.contacts.models import Contact
from partners.directory.models import (
    AliasWord,
    Partner,
    PartnerAlias,
    PartnerValue,
    PartnerWord,
    ReferralCode,
)
from partners.kinds.models import PartnerKind
from partners.lookalikes.models import LookAlike, LookAlikeCursor
from partners.merges.models import MergedRows, MergeTask, PartnerMerge
from partners.pasted.models import PastedColumn
from partners.policy.models import StandingPolicy
from partners.portal.models import PartnerAccess, PartnerInvitation
from partners.reviews.cycle.models import CycleDecision, ReviewCycle, ReviewSettings
from partners.reviews.models import ReviewComment, TierReview
from partners.saved.models import SavedView
from partners.share.models import EstimateRequest, ShareEstimate
from partners.standing.models import LevelChange, PartnerMonth, Standing, StandingMonth, StandingRequest
from partners.tags.models import PartnerTag, Tag

__all__ = [
    "AliasWord",
    "BulkChange",
    "Contact",
    "CycleDecision",
    "EstimateRequest",
    "LevelChange",
    "LookAlike",
    "LookAlikeCursor",
    "MergeTask",
    "MergedRows",
    "OrderWatch",
    "Partner",
    "PartnerAccess",
    "PartnerAlias",
    "PartnerInvitation",
    "PartnerKind",
    "PartnerMerge",
    "PartnerMonth",
    "PartnerTag",
    "PartnerValue",
    "PartnerWord",
    "PastedColumn",
    "ReferralCode",
    "ReviewComment",
    "ReviewCycle",
    "ReviewSettings",
    "SavedView",
    "ShareEstimate",
    "Standing",
    "StandingMonth",
    "StandingPolicy",
    "StandingRequest",
    "Tag",
    "TierReview",
]
