"""Which partner a sign-in with the role partner stands for."""

from django.core.exceptions import PermissionDenied

from partners.directory.models import Partner
from partners.portal.models import PartnerAccess
from prm.accounts.http import TenantRequest


def partner_of(request: TenantRequest) -> Partner:
    """Give the one partner that the caller is bound to, with rep and organisation; 403 without one."""
    access = (
        PartnerAccess.objects.select_related("partner__rep__user", "partner__organisation")
        .filter(membership=request.membership)
        .first()
    )
    if access is None:
        raise PermissionDenied("This sign-in is not bound to a partner yet. Ask your contact.")
    partner: Partner = access.partner
    return partner
