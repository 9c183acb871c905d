"""Writes of the set-up itself: it is put aside, and taken up again. Its steps are done where they belong."""

from django.db import transaction

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def put_aside() -> None:
    """Take the set-up out of the menu; it waits under the settings."""
    tenant = current_tenant()
    tenant.setup_aside_at = now()
    tenant.save(update_fields=["setup_aside_at"])


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def take_up() -> None:
    """Put the set-up back into the menu."""
    tenant = current_tenant()
    tenant.setup_aside_at = None
    tenant.save(update_fields=["setup_aside_at"])
