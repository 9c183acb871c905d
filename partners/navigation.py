"""What the partners app adds to the navigation."""

from uuid import UUID

from partners.directory.models import Partner
from partners.lookalikes.models import LookAlike
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.tenancy.context import current_tenant
from prm.ui.navigation import NavItem


def _waiting(member_id: UUID) -> int | None:
    """Count the proposals that wait for a decision; None for none."""
    del member_id  # every decider decides about all of the tenant
    return Partner.objects.active().awaiting_decision(today(current_tenant())).count() or None


def _pairs(member_id: UUID) -> int | None:
    """Count the pairs that wait for an answer, whoever asks; None for none."""
    del member_id
    return LookAlike.objects.present().filter(state=LookAlike.State.OPEN).count() or None


def _plural() -> str:
    """Return what the tenant calls its partners."""
    return current_tenant().partner_noun_plural.capitalize()


ITEMS = [
    NavItem(
        key="partners",
        label=_plural,
        icon="users",
        url_name="partners:list",
        right=Right.PARTNER_VIEW,
        order=20,
        landing=20,
        phone=True,
        go="P",
    ),
    NavItem(
        key="review",
        label="Tier review",
        phone_label="Review",
        icon="stairs-up",
        url_name="partners:review",
        right=Right.TIER_DECIDE,
        section="Decide",
        order=10,
        phone=True,
        counter=_waiting,
        decision=True,
        go="R",
    ),
    NavItem(
        key="policy",
        label="Tier policy",
        icon="adjustments-horizontal",
        url_name="partners:policy",
        right=Right.POLICY_EDIT,
        section="Decide",
        order=20,
    ),
    NavItem(
        key="look-alikes",
        label="Look-alikes",
        icon="copy",
        url_name="partners:look-alikes",
        right=Right.ORDER_TIE,
        section="Revenue data",
        order=35,
        counter=_pairs,
        decision=True,
    ),
    NavItem(
        key="portal",
        label="Home",
        icon="home",
        url_name="partners:portal",
        right=Right.OWN_REFERRALS,
        order=10,
        landing=30,
        phone=True,
        go="T",
    ),
]
