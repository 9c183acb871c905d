"""Who logs activities, chosen by typing."""

from dataclasses import replace

from prm.accounts.models import Membership
from prm.accounts.profile.choosing import MEMBERS
from prm.accounts.rights import Right, roles_with

LOGGERS = replace(
    MEMBERS,
    key="loggers",
    right=Right.ACTIVITY_VIEW,
    rows=lambda: Membership.objects.filter(role__in=roles_with(Right.ACTIVITY_WRITE)).with_people(),
)
"""Also those who have left: what they logged stays."""
PICKERS = [LOGGERS]
