"""Which own fields a tenant has. They are read once for each tenant object, as its kinds of partner are."""

from collections.abc import Sequence

from prm.ownfields.models import OwnField
from prm.tenancy.context import current_tenant, forget_on, has_tenant, kept_on
from prm.tenancy.models import Tenant

_KEPT = "_own_fields"


def fields_of(tenant: Tenant, of: str, *, archived: bool = False) -> Sequence[OwnField]:
    """Return the fields of a kind of record, in their order; with `archived` those put away too (1 query the first time).

    The tenant is the one in scope.
    """
    found = kept_on(tenant, _KEPT, lambda: list(OwnField.objects.all()))
    return [field for field in found if field.of == of and (archived or not field.is_archived)]


def here(of: str) -> Sequence[OwnField]:
    """Return the fields of the tenant in scope; none without one."""
    return fields_of(current_tenant(), of) if has_tenant() else []


def forget() -> None:
    """Read them anew when they are next asked for."""
    forget_on(current_tenant(), _KEPT)
