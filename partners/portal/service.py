"""Writes of who may see which partner's referrals."""

from django.db import transaction

from partners.directory.models import Partner
from partners.portal.models import PartnerAccess
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.accounts.service import add_member
from prm.core.errors import Refused
from prm.tenancy.use_cases import requires


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def grant_access(membership: Membership, *, partner: Partner) -> PartnerAccess:
    """Let a member with the role partner see this partner's own referrals, and no other's."""
    if not membership.may(Right.OWN_REFERRALS):
        raise Refused("Only a member with the role partner is bound to a partner.", code="role")
    access: PartnerAccess
    access, _ = PartnerAccess.objects.update_or_create(membership=membership, defaults={"partner": partner})
    return access


@requires(Right.MEMBER_EDIT)
@transaction.atomic
def invite(partner: Partner, *, email: str, name: str = "", password: str | None = None) -> PartnerAccess:
    """Make a person a member with the role partner, who sees this partner's own referrals and no more.

    Raises `Refused` for a bad address or somebody who is a member already: nobody is turned from a
    rep into a partner by the way.
    """
    member = add_member(email=email, role=roles_with(Right.OWN_REFERRALS)[0], name=name, password=password)
    return grant_access(member, partner=partner)
