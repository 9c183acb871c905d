"""Writes of who may see which partner's referrals."""

from django.db import transaction

from partners.directory.models import Partner
from partners.portal.models import PartnerAccess, PartnerInvitation
from prm.accounts.invitations import service as invitations
from prm.accounts.models import Invitation, Membership
from prm.accounts.rights import Right, roles_with
from prm.core.errors import Refused
from prm.tenancy.context import granted
from prm.tenancy.use_cases import needs_no_right, requires


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
def invite(partner: Partner, *, email: str, by: Membership | None, name: str = "") -> Invitation:
    """Invite a person who, having accepted, sees this partner's own referrals and no more.

    No link leads to it yet: `prm.accounts.invitations.sending.deliver` sends it. Raises `Refused` for a bad
    address or somebody who is a member already: nobody is turned from a rep into a partner by the way.
    """
    role = roles_with(Right.OWN_REFERRALS)[0]
    invitation = invitations.invite(email=email, role=role, name=name, by=by)
    PartnerInvitation.objects.update_or_create(invitation=invitation, defaults={"partner": partner})
    return invitation


@needs_no_right("what was allowed when the partner was invited")
def bind_to_partner(invitation: Invitation, member: Membership) -> None:
    """Bind who has accepted to the partner they were invited for; others are no affair of ours.

    Raises `Refused`, which undoes the acceptance, when that partner is gone.
    """
    if not member.may(Right.OWN_REFERRALS):
        return
    found = PartnerInvitation.objects.select_related("partner").filter(invitation=invitation).first()
    if found is None:
        raise Refused(
            "This invitation was for a partner who is no longer here. Ask for a new one.", code="ended"
        )
    with granted(Right.MEMBER_EDIT):
        grant_access(member, partner=found.partner)
