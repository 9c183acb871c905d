"""The demo tenants are as they should be, and somebody has said so."""

from django.db import transaction

from prm.company.settings.service import confirm_company
from prm.tenancy.models import Tenant


def fill(tenant: Tenant, size: int = 0) -> None:
    """Confirm the settings; a second run does nothing."""
    del tenant, size  # it is in scope, and has settings whatever is filled
    with transaction.atomic():
        confirm_company()
