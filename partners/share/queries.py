"""Reads of what reps are asked for, and which estimates are old."""

from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from partners.share.models import EstimateRequest, ShareEstimate
from partners.share.rules import OLD_MONTHS
from partners.share.states import RequestState
from prm.core.calendar import add_months, today
from prm.tenancy.context import current_tenant

_MOST: Final = 20


def asked_of(member_id: UUID) -> list[EstimateRequest]:
    """Return the open questions about partners of a member's panel, the most revenue first (1 query)."""
    rows = _open().filter(partner__rep=member_id)
    order = F("partner__standing__revenue_12m").desc(nulls_last=True)
    return list(rows.select_related("partner", "asked_by__user").order_by(order, "pk")[:_MOST])


def open_count() -> int:
    """Count the open questions about partners that are in somebody's panel (1 query)."""
    return _open().filter(partner__rep__isnull=False).count()


def _open() -> QuerySet[EstimateRequest]:
    return EstimateRequest.objects.filter(
        state=RequestState.OPEN, partner__is_active=True, partner__merged_into=None
    )


def open_request(partner_id: UUID) -> EstimateRequest | None:
    """Return the open question about a partner (1 query)."""
    rows = EstimateRequest.objects.filter(partner=partner_id, state=RequestState.OPEN)
    return rows.select_related("asked_by__user").first()


def last_request(partner_id: UUID) -> EstimateRequest | None:
    """Return the latest question about a partner, open or closed (1 query)."""
    rows = EstimateRequest.objects.filter(partner=partner_id).exclude(state=RequestState.WITHDRAWN)
    return rows.select_related("asked_by__user").first()


def is_asked(partner: str = "pk") -> Exists:
    """Return the condition that an open question about a partner stands."""
    return Exists(EstimateRequest.objects.filter(partner=OuterRef(partner), state=RequestState.OPEN))


def has_only_old(partner: str = "pk") -> Q:
    """Return the condition that a partner has estimates and all of them are old (`rules.is_old`)."""
    since = add_months(today(current_tenant()), -OLD_MONTHS)
    of_partner = ShareEstimate.objects.filter(partner=OuterRef(partner))
    return Q(Exists(of_partner)) & ~Q(Exists(of_partner.filter(as_of__gte=since)))
