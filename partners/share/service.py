"""Writes of estimates, and of what reps are asked for."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from partners.directory.models import Partner
from partners.share.models import EstimateRequest, ShareEstimate
from partners.share.rules import check_estimate, is_old
from partners.share.states import RequestState
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.audit import bring_back, gone, was
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def remove_estimate(estimate_id: UUID) -> None:
    """Take an estimate away that was recorded by mistake; a question that it answered is open again."""
    answered = EstimateRequest.objects.filter(estimate=estimate_id)
    _open_again(answered)
    answered.update(estimate=None)
    ShareEstimate.objects.filter(pk=estimate_id).delete()


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def restore_estimate(estimate_id: UUID) -> ShareEstimate:
    """Put an estimate back that was taken away, as it was, from the audit trail. Raises `Refused`."""
    there: ShareEstimate | None = ShareEstimate.objects.filter(pk=estimate_id).first()
    if there is not None:
        return there
    event = gone(ShareEstimate).filter(pgh_obj_id=estimate_id).first()
    if event is None:
        raise Refused("Nothing is known any more of what was taken away.", code="not_found")
    back = was(ShareEstimate, event)
    bring_back(back)
    _answer([back])
    return back


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
    known = _spellings({one.partner_id for one in new})
    made: list[ShareEstimate] = ShareEstimate.objects.bulk_create([_checked(one, day, known) for one in new])
    _answer(made)
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
    estimate = _checked(new, today(current_tenant()), _spellings({partner_id}))
    estimate.by = by
    estimate.save()
    _answer([estimate])
    return estimate


Spellings = dict[tuple[UUID, str], str]
"""How the sources of partners are spelt already, by partner and the source in small letters."""


def _spellings(partner_ids: Collection[UUID]) -> Spellings:
    """Return the spellings there are: "Survey" and "survey" are one source, of which only the latest counts (1 query)."""
    rows = (
        ShareEstimate.objects.filter(partner_id__in=partner_ids)
        .values_list("partner_id", "source")
        .distinct()
    )
    return {(partner_id, source.casefold()): source for partner_id, source in rows}


def _checked(new: NewEstimate, day: date, known: Spellings) -> ShareEstimate:
    """Return an estimate that is not saved yet. Raises `Refused` for what breaks a rule."""
    partner_id, low, middle, high, source, as_of = new
    source = " ".join(source.split())
    if not source:
        raise Refused("Say where the estimate comes from.", field="source", code="required")
    check_estimate(low, middle, high, as_of, day)
    source = known.setdefault((partner_id, source.casefold()), source)
    return ShareEstimate(partner_id=partner_id, low=low, middle=middle, high=high, source=source, as_of=as_of)


# --- asking reps --------------------------------------------------------------------------------


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def ask_reps(partner_ids: Collection[UUID], *, note: str = "", by: Membership | None = None) -> list[UUID]:
    """Ask whoever has each partner in their panel for an estimate; returns the partners newly asked about.

    Who is in nobody's panel, not active or asked about already is left alone. Two who ask at once ask once.
    """
    rows = Partner.objects.active().filter(pk__in=partner_ids, rep__isnull=False)
    here = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))
    asked = set(_open().filter(partner_id__in=here).values_list("partner_id", flat=True))
    new = [pk for pk in here if pk not in asked]
    EstimateRequest.objects.bulk_create(
        [EstimateRequest(partner_id=pk, note=note.strip(), asked_by=by) for pk in new]
    )
    return new


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def withdraw_requests(partner_ids: Collection[UUID]) -> list[UUID]:
    """Take open questions about these partners back; returns of whom. Answered ones stay as they are."""
    rows = _open().filter(partner_id__in=partner_ids).select_for_update()
    found = list(rows.order_by("pk").values_list("pk", "partner_id"))
    _close([pk for pk, _ in found], RequestState.WITHDRAWN)
    return [partner_id for _, partner_id in found]


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def decline_request(request_id: UUID) -> EstimateRequest:
    """Answer a question by "cannot say"; answered so already, nothing is written. Raises `Refused`."""
    request = _locked(request_id)
    if request.state == RequestState.UNKNOWN:
        return request
    if request.state != RequestState.OPEN:
        raise Refused("This question is closed already.", code="already_done")
    _close([request.pk], RequestState.UNKNOWN)
    return _locked(request_id)


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def reopen_request(request_id: UUID) -> EstimateRequest:
    """Open a question again that was answered by "cannot say". Raises `Refused` for one that was not."""
    request = _locked(request_id)
    if request.state == RequestState.OPEN:
        return request
    if request.state != RequestState.UNKNOWN:
        raise Refused("This question was not answered by “cannot say”.", code="already_done")
    _open_again(EstimateRequest.objects.filter(pk=request.pk))
    return _locked(request_id)


def _open() -> "QuerySet[EstimateRequest]":
    return EstimateRequest.objects.filter(state=RequestState.OPEN)


def _locked(request_id: UUID) -> EstimateRequest:
    found: EstimateRequest | None = EstimateRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise Refused("There is no such question.", code="not_found")
    return found


def _close(ids: Sequence[UUID], state: RequestState) -> None:
    EstimateRequest.objects.filter(pk__in=ids).update(state=state, closed_at=now())


def _open_again(requests: "QuerySet[EstimateRequest]") -> None:
    """Open questions again, unless somebody has asked the same since."""
    for request in requests.select_for_update().order_by("pk"):
        Partner.with_merged.select_for_update(no_key=True).get(pk=request.partner_id)
        if not _open().filter(partner_id=request.partner_id).exists():
            EstimateRequest.objects.filter(pk=request.pk).update(
                state=RequestState.OPEN, closed_at=None, estimate=None
            )


def _answer(made: Sequence[ShareEstimate]) -> None:
    """Close the questions that new estimates answer: an old one, as a list may bring it, answers nothing."""
    day = today(current_tenant())
    fresh = {one.partner_id: one for one in made if not is_old(one.as_of, day)}
    rows = (
        list(_open().filter(partner_id__in=list(fresh)).select_for_update().order_by("pk")) if fresh else []
    )
    for request in rows:
        request.state, request.closed_at = RequestState.ANSWERED, now()
        request.estimate = fresh[request.partner_id]
    if rows:
        EstimateRequest.objects.bulk_update(rows, ["state", "closed_at", "estimate"])
