"""Reads of the queue that look at some of its codes, however long it is."""

from uuid import UUID

from django.db.models import Q

from orders.attribution import sql
from orders.book.models import OrderShare
from orders.sources.credits import BEFORE_PERCENT, BETWEEN
from orders.states import ShareOrigin
from prm.core.words.tables import after
from prm.tenancy.context import current_tenant


def waiting_codes_from(normal: str, *, most: int) -> list[str]:
    """Return at most `most` codes that wait for their partner and begin with `normal`, in byte order."""
    return sql.codes_between(normal, after(normal), tenant_id=current_tenant().pk, most=most)


def credited_by(code: str, partner_id: UUID) -> Q:
    """Return the condition that an order whose file shares its credit is a partner's, or in parts so, and names a code."""
    named = Q(credits__startswith=f"{code}{BEFORE_PERCENT}") | Q(
        credits__contains=f"{BETWEEN}{code}{BEFORE_PERCENT}"
    )
    parts = OrderShare.objects.filter(partner=partner_id, origin=ShareOrigin.FILE).order_by().values("order")
    mine = Q(partner_id=partner_id) | Q(pk__in=parts)
    return ~Q(credits="") & named & mine
