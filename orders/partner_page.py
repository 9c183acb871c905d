"""What this app puts on a partner's own first page: their referrals."""

from partners.directory.models import Partner
from partners.profiles.parts import Fragment, PagePart
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant


def own_fragments(partner: Partner) -> list[Fragment]:
    """Return the referrals of whoever is signed in, by month and those still open."""
    del partner  # the page knows by itself for whom it is
    return [Fragment("Referrals", tenant_url(current_tenant(), "orders:own-referrals"))]


PARTS = [PagePart(key="orders", own_fragments=own_fragments)]
