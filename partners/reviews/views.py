"""The tier review board: proposals with their evidence, and a manager's decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from partners.directory.models import Partner
from partners.policy import service as policy_service
from partners.policy.models import StandingPolicy
from partners.reviews.forms import DecisionForm
from partners.reviews.models import TierReview
from partners.reviews.service import (
    UNDO_WITHIN,
    Asked,
    accept_many,
    decide_tier,
    next_review_on,
    quarter_of,
    undo_review,
)
from partners.standing import presentation
from partners.standing.models import Standing
from partners.standing.rules import RANK
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.calendar import add_months, today
from prm.core.clock import now
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, money, percent, percent_range, signed_text
from prm.ui.http import saved
from prm.ui.toasts import toast

SHOWN = 100
DECIDED_DAYS = 90


@dataclass(frozen=True)
class Row:
    """One proposal on the board."""

    partner: Partner
    standing: Standing
    revenue: Decimal
    band: charts.Band
    reason: str
    rises: bool

    @property
    def token(self) -> str:
        """What a bulk acceptance sends back, so that only what was seen is accepted."""
        return f"{self.partner.pk}:{self.partner.tier}:{self.standing.tier_proposal}"


def _proposals(tenant: Tenant) -> Any:
    waiting = Partner.objects.active().with_standing().awaiting_decision(today(tenant))
    return waiting.order_by(F("standing__revenue_12m").desc(), "name")


def _rows(tenant: Tenant, policy: StandingPolicy) -> list[Row]:
    partners = list(_proposals(tenant)[:SHOWN])
    if not partners:
        return []
    last = max(date.fromisoformat(partner.standing.proposal["to"]) for partner in partners)
    revenue = presentation.revenue_by_month([p.pk for p in partners], last, policy.trailing_months + 6)
    bands = [policy.medium_from, policy.high_from]
    rows = []
    for partner in partners:
        proposal = partner.standing.proposal
        judged = Decimal(proposal["revenue"])
        before = sum(revenue[partner.pk][: policy.trailing_months], Decimal(0))
        rows.append(
            Row(
                partner,
                partner.standing,
                judged,
                charts.band_position(judged, bands=bands, before=before, currency=tenant),
                presentation.tier_sentence(proposal, partner, policy, tenant),
                RANK[partner.standing.tier_proposal] > RANK[partner.tier],
            )
        )
    return rows


@require_GET
@page_requires(Right.TIER_DECIDE)
def board(request: TenantRequest) -> HttpResponse:
    """Proposals to decide, by direction; or with ?show= what was decided or is held by the rules."""
    tenant = request.tenant
    show = request.GET.get("show", "")
    waiting = _proposals(tenant).count()
    policy = policy_service.policy_in_force()
    decided = TierReview.objects.exclude(decision=TierReview.Decision.INITIAL).filter(
        signed_at__gte=now() - timedelta(days=DECIDED_DAYS)
    )
    ruled = Partner.objects.active().filter(standing__proposal__rule__in=("hysteresis", "stay"))
    rows = _rows(tenant, policy) if show not in ("decided", "rules") else []
    context = {
        "show": show,
        "waiting": waiting,
        "shown": len(rows),
        "policy": policy,
        "quarter": quarter_of(today(tenant)),
        "groups": _groups(rows),
        "decided_count": decided.count(),
        "ruled_count": ruled.count(),
        "decided": _decided(decided, request) if show == "decided" else [],
        "ruled": _ruled(ruled, policy, tenant) if show == "rules" else [],
        "first": _evidence(rows[0].partner, policy, tenant) if rows else None,
        "nav_key": "review",
    }
    return render(request, "partners/review.html", context)


def _groups(rows: Sequence[Row]) -> list[dict[str, Any]]:
    found = [
        {"title": "Raise", "icon": "arrow-up", "rows": [row for row in rows if row.rises]},
        {"title": "Lower", "icon": "arrow-down", "rows": [row for row in rows if not row.rises]},
    ]
    return [group for group in found if group["rows"]]


def _decided(reviews: Any, request: TenantRequest) -> list[dict[str, Any]]:
    undoable_since = now() - UNDO_WITHIN
    return [
        {
            "review": review,
            "words": presentation.review_words(review),
            "undo": review.decision != TierReview.Decision.UNDO
            and review.signed_by_id == request.membership.pk
            and review.signed_at > undoable_since,
        }
        for review in reviews.select_related("partner", "signed_by__user")[:SHOWN]
    ]


def _ruled(partners: Any, policy: StandingPolicy, tenant: Tenant) -> list[dict[str, Any]]:
    return [
        {
            "partner": partner,
            "reason": presentation.tier_sentence(partner.standing.proposal, partner, policy, tenant),
        }
        for partner in partners.with_standing().order_by("name")[:SHOWN]
    ]


@require_GET
@page_requires(Right.TIER_DECIDE)
def evidence(request: TenantRequest, pk: UUID) -> HttpResponse:
    """The evidence of one proposal, as a fragment of the board."""
    judged = Partner.objects.with_standing().filter(standing__proposal__has_key="to")
    partner = get_object_or_404(judged, pk=pk)
    context = {"evidence": _evidence(partner, policy_service.policy_in_force(), request.tenant)}
    return render(request, "partners/evidence.html", context)


def _evidence(partner: Partner, policy: StandingPolicy, tenant: Tenant) -> dict[str, Any]:
    standing = partner.standing
    last = date.fromisoformat(standing.proposal["to"])
    revenue = presentation.revenue_by_month([partner.pk], last, policy.trailing_months + 15)[partner.pk]
    orders = presentation.orders_by_month([partner.pk], last, 24)[partner.pk]
    share = "–" if standing.share_doubtful else percent(standing.share)
    ranged = percent_range(standing.share_low, standing.share_high)
    change = standing.score_change
    score = "–" if standing.score is None else f"{standing.score:.0f}"
    first = add_months(last, 1 - policy.trailing_months)
    facts = [
        (
            "Judged by",
            f"{money(Decimal(standing.proposal['revenue']), tenant)}, {first:%b %Y} to {last:%b %Y}",
        ),
        ("In this tier", f"since {day(partner.tier_since)}, {policy.minimum_stay_months} months needed"),
        ("Orders", presentation.order_change(orders)),
        ("Market share", share if share == "–" else f"{share} ({ranged})"),
        ("Score", score if change is None else f"{score} ({signed_text(change)})"),
    ]
    return {
        "partner": partner,
        "standing": standing,
        "policy": policy,
        "chart": presentation.quarter_chart(revenue, last, policy, tenant),
        "facts": facts,
    }


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
        "next_review": next_review_on(today(request.tenant)),
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
    undo = reverse("partners:review-undo", kwargs={"tenant": request.tenant.slug, "pk": review.pk})
    words = presentation.review_words(review)
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
        return Done(_board_url(request), f"{review.partner.name}: {presentation.review_words(review)}.")

    return act(request, work, stay_url=_board_url(request), refused_title="Not undone.", kind="warn")


def _board_url(request: TenantRequest) -> str:
    return reverse("partners:review", kwargs={"tenant": request.tenant.slug})
