"""Which of this app's records have own fields."""

from partners.directory.models import PartnerValue
from prm.ownfields.registry import OwnRecord
from prm.tenancy.context import current_tenant


def _nouns() -> tuple[str, str]:
    tenant = current_tenant()
    return tenant.partner_noun, tenant.partner_noun_plural


OWN_RECORDS = [OwnRecord(key="partner", nouns=_nouns, model=PartnerValue, record="partner", order=10)]
