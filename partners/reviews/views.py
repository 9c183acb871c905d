"""The tier review board and a manager's decisions."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.policy.queries import policy_in_force
from partners.reviews import board as review_board
from partners.reviews import tables
from partners.reviews.forms import DecisionForm
from partners.reviews.models import TierReview
from partners.reviews.rules import next_review_on
from partners.reviews.service import Asked, accept_many, decide_tier, undo_review
from partners.reviews.words import review_words
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.calendar import quarter_word, today
from prm.core.urls import tenant_url
from prm.ui.export.answers import file_asked
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import saved
from prm.ui.toasts import toast


@require_GET
@page_requires(Right.TIER_DECIDE)
def board(request: TenantRequest) -> HttpResponseBase:
    """Show proposals to decide, by direction; or with ?show= what was decided or is held by the rules."""
    tenant, policy = request.tenant, policy_in_force()
    show = request.GET.get("show", "")
    if file := _file(request, show, policy):
        return file
    rows = review_board.rows(tenant, policy) if show not in ("decided", "rules") else []
    context = {
        "show": show,
        "waiting": review_board.proposals(tenant).count(),
        "shown": len(rows),
        "policy": policy,
        "quarter": quarter_word(today(tenant), tenant.year_starts),
        "groups": review_board.groups(rows),
        "decided_count": review_board.decided().count(),
        "ruled_count": review_board.held().count(),
        "decided": review_board.decided_rows(request.membership) if show == "decided" else [],
        "ruled": review_board.held_rows(policy, tenant) if show == "rules" else [],
        "first": review_board.evidence(rows[0].partner, policy, tenant) if rows else None,
        "nav_key": "review",
    }
    return render(request, "partners/review.html", context)


def _file(request: TenantRequest, show: str, policy: StandingPolicy) -> HttpResponseBase | None:
    """Return the list of a tab as a file, all of it, if the address asks for one."""
    tenant = request.tenant
    if show == "decided":
        return file_asked(request, "tier decisions", tables.decided(tenant), review_board.decided_people())
    if show == "rules":
        columns = tables.held(tenant, policy)
        return file_asked(request, "tiers held by rule", columns, review_board.held_people())
    columns = tables.proposed(tenant, policy)
    return file_asked(request, "tier proposals", columns, review_board.proposals(tenant))


@require_GET
@page_requires(Right.TIER_DECIDE)
def evidence(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show the evidence of one proposal, as a fragment of the board."""
    judged = Partner.objects.with_standing().filter(standing__proposal__has_key="to")
    partner = get_object_or_404(judged, pk=pk)
    context = {"evidence": review_board.evidence(partner, policy_in_force(), request.tenant)}
    return render(request, "partners/evidence.html", context)


@page_requires(Right.TIER_DECIDE)
def decide(request: TenantRequest, pk: UUID, decision: str) -> HttpResponse:
    """Sign one decision. Accepting is a POST alone; holding and overriding ask for a reason."""
    partner = get_object_or_404(Partner.objects.with_standing(), pk=pk, standing__isnull=False)
    proposed = request.POST.get("proposed_tier") or partner.standing.tier_proposal
    if decision == "accept":
        return _accept(request, partner)
    initial = {
        "from_tier": partner.tier,
        "proposed_tier": partner.standing.tier_proposal,
        "tier": partner.tier,
    }
    form = DecisionForm(request.POST or None, decision=decision, proposed=proposed, initial=initial)

    def save() -> Done:
        review = decide_tier(partner.pk, decision=decision, by=request.membership, **form.cleaned_data)
        return _signed(request, review, partner)

    context = {
        "partner": partner,
        "decision": decision,
        "proposed": proposed,
        "next_review": next_review_on(today(request.tenant), request.tenant.year_starts),
        "board_url": _board_url(request),
        "nav_key": "review",
    }
    return form_page(request, form, "partners/decide.html", context, save=save)


def _accept(request: TenantRequest, partner: Partner) -> HttpResponse:
    if request.method != "POST":
        return redirect(_board_url(request))

    def work() -> Done:
        review = decide_tier(
            partner.pk,
            decision="accept",
            by=request.membership,
            from_tier=request.POST.get("from_tier", ""),
            proposed_tier=request.POST.get("proposed_tier", ""),
        )
        return _signed(request, review, partner)

    board = _board_url(request)
    return act(request, work, stay_url=board, refused_title="Nothing was signed.", kind="warn")


def _signed(request: TenantRequest, review: TierReview, partner: Partner) -> Done:
    undo = tenant_url(request.tenant, "partners:review-undo", pk=review.pk)
    words = review_words(review)
    return Done(
        _board_url(request),
        f"{partner.name}: {words}.",
        f"Signed as {request.membership.user}.",
        undo_url=undo,
    )


@require_POST
@page_requires(Right.TIER_DECIDE)
def accept_all(request: TenantRequest) -> HttpResponse:
    """Accept several proposals as they were seen."""
    asked = [_asked(token) for token in request.POST.getlist("accept")]
    done = accept_many([one for one in asked if one is not None], by=request.membership)
    count = len(done.reviews)
    detail = " ".join(done.refused[:3])
    toast(
        request,
        f"{count} {'tier' if count == 1 else 'tiers'} changed.",
        detail or f"Signed as {request.membership.user}. Undo each under Decided.",
        kind="warn" if done.refused else "good",
    )
    return saved(request, _board_url(request))


def _asked(token: str) -> Asked | None:
    partner_id, _, tiers = token.partition(":")
    try:
        return Asked(UUID(partner_id), *tiers.split(":", 1))
    except (ValueError, TypeError):
        return None


@require_POST
@page_requires(Right.TIER_DECIDE)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take back one's own latest decision."""
    decided = get_object_or_404(TierReview, pk=pk)

    def work() -> Done:
        review = undo_review(decided.pk, by=request.membership)
        return Done(_board_url(request), f"{review.partner.name}: {review_words(review)}.")

    return act(request, work, stay_url=_board_url(request), refused_title="Not undone.", kind="warn")


def _board_url(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "partners:review")
