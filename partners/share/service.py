"""Writes of estimates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from partners.share.models import ShareEstimate
from partners.share.rules import check_estimate
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


class NewEstimate(NamedTuple):
    """An estimate to be recorded, as for `add_estimate`."""

    partner_id: UUID
    low: Decimal
    middle: Decimal
    high: Decimal
    source: str
    as_of: date


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_estimates(new: Sequence[NewEstimate]) -> list[ShareEstimate]:
    """Record many estimates by the rules of `add_estimate`; raises `Refused` and records none."""
    day = today(current_tenant())
    made: list[ShareEstimate] = ShareEstimate.objects.bulk_create([_checked(one, day) for one in new])
    return made


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
    new = NewEstimate(partner_id, low, middle, high, source, as_of)
    estimate = _checked(new, today(current_tenant()))
    estimate.by = by
    estimate.save()
    return estimate


def _checked(new: NewEstimate, day: date) -> ShareEstimate:
    """Return an estimate that is not saved yet. Raises `Refused` for what breaks a rule."""
    partner_id, low, middle, high, source, as_of = new
    source = source.strip()
    if not source:
        raise Refused("Say where the estimate comes from.", field="source", code="required")
    check_estimate(low, middle, high, as_of, day)
    return ShareEstimate(partner_id=partner_id, low=low, middle=middle, high=high, source=source, as_of=as_of)
