"""Whose changes are asked for, chosen by typing: everybody who is or was a member."""

from dataclasses import replace

from prm.accounts.models import Membership
from prm.accounts.profile.choosing import MEMBERS
from prm.accounts.rights import Right
from prm.ui.pickers.pickers import Picker

PEOPLE: Picker = replace(MEMBERS, key="people", right=Right.AUDIT_VIEW, rows=Membership.objects.with_people)
PICKERS = [PEOPLE]
