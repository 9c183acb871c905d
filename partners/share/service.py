"""Writes of estimates."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from partners.share.models import ShareEstimate
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def remove_estimate(estimate_id: UUID) -> None:
    """Take an estimate away that was recorded by mistake."""
    ShareEstimate.objects.filter(pk=estimate_id).delete()


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_estimate(
    partner_id: UUID,
    *,
    low: Decimal,
    middle: Decimal,
    high: Decimal,
    source: str,
    as_of: date,
    by: Membership | None = None,
) -> ShareEstimate:
    """Record what a partner orders in a year, here and elsewhere, with a 90 % range.

    Amounts in the tenant's currency. A newer estimate of the same source takes the older one's place.
    """
    source = source.strip()
    if not source:
        raise Refused("Say where the estimate comes from.", field="source", code="required")
    if low <= 0:
        raise Refused("The lower end must be above nothing.", field="low", code="range")
    if not low <= middle <= high:
        raise Refused(
            "The estimate must lie between its lower and its upper end.", field="middle", code="range"
        )
    if as_of > today(current_tenant()):
        raise Refused("An estimate cannot be from the future.", field="as_of", code="future")
    estimate: ShareEstimate = ShareEstimate.objects.create(
        partner_id=partner_id, low=low, middle=middle, high=high, source=source, as_of=as_of, by=by
    )
    return estimate
