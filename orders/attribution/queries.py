"""Reads of the queue that look at some of its codes, however long it is."""

from orders.attribution import sql
from prm.core.words.tables import after
from prm.tenancy.context import current_tenant


def waiting_codes_from(normal: str, *, most: int) -> list[str]:
    """Return at most `most` codes that wait for their partner and begin with `normal`, in byte order."""
    return sql.codes_between(normal, after(normal), tenant_id=current_tenant().pk, most=most)
