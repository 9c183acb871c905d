"""The tab of own fields."""

from prm.company.settings.tabs import SettingsTab
from prm.ownfields.queries import fields_of
from prm.ownfields.registry import records
from prm.tenancy.context import current_tenant


def _count() -> int | None:
    """Return how many fields are in use (1 query, none where they were read)."""
    tenant = current_tenant()
    return sum(len(fields_of(tenant, record.key)) for record in records())


TABS = [SettingsTab(key="fields", label="Own fields", url_name="ownfields:fields", count=_count, order=10)]
