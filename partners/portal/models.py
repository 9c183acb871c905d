"""Which partner a member with the role partner stands for, or will when they accept their invitation."""

from django.db import models

from partners.directory.models import Partner
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel, TenantOneToOneField


@audited(about=["partner"])
class PartnerAccess(TenantModel):
    """Binds a member with the role partner to the one partner whose referrals they may see."""

    membership = TenantOneToOneField("accounts.Membership", models.CASCADE, related_name="partner_access")
    partner = TenantForeignKey(Partner, models.CASCADE, related_name="accesses")

    def __str__(self) -> str:
        return str(self.partner_id)


@audited(about=["partner"])
class PartnerInvitation(TenantModel):
    """The one partner that an invitation is for: whoever accepts it sees this partner's own referrals."""

    invitation = TenantOneToOneField("accounts.Invitation", models.CASCADE, related_name="partner_invitation")
    partner = TenantForeignKey(Partner, models.CASCADE, related_name="invitations")

    def __str__(self) -> str:
        return str(self.partner_id)
