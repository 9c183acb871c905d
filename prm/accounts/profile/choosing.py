"""People of the organisation, chosen by typing."""

from django.db.models import Q

from prm.accounts.models import Membership, MembershipQuerySet
from prm.accounts.rights import Right
from prm.ui.pickers.pickers import Picker


def _matching(rows: MembershipQuerySet, words: str) -> MembershipQuerySet:
    return rows.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))


def _name(member: Membership) -> str:
    """Return the person's name, and whether they are away."""
    return str(member.user) if member.is_active and member.user.is_active else f"{member.user} (away)"


def _note(member: Membership) -> str:
    """Return the role, and the address where the name does not say it."""
    return f"{member.role_label}, {member.user.email}" if member.user.name else member.role_label


MEMBERS = Picker(
    key="members",
    right=Right.PARTNER_VIEW,
    rows=lambda: Membership.objects.active().staff().with_people(),
    matching=_matching,
    nouns=("member", "members"),
    name=_name,
    note=_note,
)
PICKERS = [MEMBERS]
