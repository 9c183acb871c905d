"""The tier review board and a manager's decisions."""

from contextlib import suppress
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
from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.cycle.queries import decisions as cycle_decisions
from partners.reviews.cycle.queries import latest_cycle, unsettled
from partners.reviews.cycle.queries import progress as cycle_progress
from partners.reviews.cycle.service import note_decisions
from partners.reviews.cycle.states import CycleState
from partners.reviews.forms import CommentForm, DecisionForm, ManyForm
from partners.reviews.models import TierReview
from partners.reviews.rules import next_review_on
from partners.reviews.service import Asked, add_comment, decide_many, decide_tier, undo_review, undo_reviews
from partners.reviews.words import decision_words, review_words
from partners.states import Tier
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.calendar import quarter_word, today
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.ui.export.answers import file_asked
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, plural


@require_GET
@page_requires(Right.TIER_DECIDE)
def board(request: TenantRequest) -> HttpResponseBase:
    """Show proposals to decide, by direction; or with ?show= what was decided or is held by the rules."""
    tenant, policy = request.tenant, policy_in_force()
    show = request.GET.get("show", "")
    if file := _file(request, show, policy):
        return file
    cycle = unsettled()
    rows = review_board.rows(tenant, policy, cycle) if show not in ("decided", "rules") else []
    progress = cycle_progress(cycle, today(tenant)) if cycle else None
    context = {
        "show": show,
        "waiting": progress.left if progress else review_board.proposals(tenant).count(),
        "cycle": cycle,
        "progress": progress,
        "last_cycle": latest_cycle() if cycle is None else cycle,
        "drafts": cycle_decisions(cycle)[: review_board.SHOWN] if cycle and show == "decided" else [],
        "may_sign": _may_sign(request, cycle),
        "tiers": Tier.choices,
        "shown": len(rows),
        "policy": policy,
        "quarter": quarter_word(today(tenant), tenant.year_starts),
        "groups": review_board.groups(rows),
        "decided_count": progress.decided if progress else review_board.decided().count(),
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


@page_requires(Right.ACTIVITY_WRITE)
def comment(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say something about a partner for the next review."""
    partner = get_object_or_404(Partner, pk=pk)
    form = CommentForm(request.POST or None)

    def save() -> Done:
        add_comment(partner.pk, text=form.cleaned_data["text"], by=request.membership)
        return Done(partner.get_absolute_url(), "Said.", "It stands beside the evidence of the next review.")

    context = {
        "partner": partner,
        "title": "A word for the review",
        "submit": "Say it",
        "nav_key": "partners",
    }
    return form_page(request, form, "partners/small_form.html", context, save=save)


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
        return _decide(request, partner, decision=decision, **form.cleaned_data)

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
        return _decide(
            request,
            partner,
            decision="accept",
            from_tier=request.POST.get("from_tier", ""),
            proposed_tier=request.POST.get("proposed_tier", ""),
        )

    board = _board_url(request)
    return act(request, work, stay_url=board, refused_title="Nothing was signed.", kind="warn")


def _decide(
    request: TenantRequest,
    partner: Partner,
    *,
    decision: str,
    from_tier: str,
    proposed_tier: str,
    tier: str = "",
    reason: str = "",
    until_changed: bool = False,
) -> Done:
    """Decide about one proposal: in an open review kept until it is signed, without one in force at once."""
    said = {"decision": decision, "tier": tier, "reason": reason}
    until_changed = bool(until_changed)
    cycle = unsettled()
    if cycle is None:
        review = decide_tier(
            partner.pk, by=request.membership, from_tier=from_tier, proposed_tier=proposed_tier,
            until_changed=until_changed, **said,
        )  # fmt: skip
        return _signed(request, review, partner)
    asked = [Asked(partner.pk, from_tier, proposed_tier)]
    done = note_decisions(cycle.pk, asked, by=request.membership, until_changed=until_changed, **said)
    if not done.kept:
        raise Refused(done.refused[0], code="stale")
    kept = done.kept[0]
    undo = tenant_url(request.tenant, "partners:cycle-take-back")
    words = f"{partner.name}: {decision_words(kept)}."
    when = f"In force with {cycle.name}, from {day(cycle.effective_on)}."
    return Done(_board_url(request), words, when, undo_url=undo, undo_fields={"decision": str(kept.pk)})


def _may_sign(request: TenantRequest, cycle: ReviewCycle | None) -> str:
    """Say why this person cannot sign now; nothing where they can."""
    if cycle is None:
        return ""
    if cycle.state == CycleState.SIGNED_ONCE and cycle.signed_by_id == request.membership.pk:
        return "Signed by you. A second person signs."
    return cycle_progress(cycle, today(request.tenant)).why_not


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
def decide_several(request: TenantRequest) -> HttpResponse:
    """Accept, hold or override several proposals as they were seen; accepted where nothing is said."""
    named = [_asked(token) for token in request.POST.getlist("accept")]
    asked = [one for one in named if one is not None]
    form = ManyForm({"decision": "accept", **request.POST.dict()})

    def work() -> Done:
        if not asked:
            raise Refused("Tick at least one first.")
        if not form.is_valid():
            raise Refused("Accept, hold or override.")
        return _several(request, asked, form.cleaned_data)

    return act(request, work, stay_url=_board_url(request), refused_title="Nothing was decided.", kind="warn")


def _several(request: TenantRequest, asked: list[Asked], given: dict[str, str]) -> Done:
    decision, tier, reason = given["decision"], given["tier"], given["reason"]
    cycle = unsettled()
    if cycle is None:
        signed = decide_many(asked, decision=decision, by=request.membership, tier=tier, reason=reason)
        refused, ids = signed.refused, [str(review.pk) for review in signed.reviews]
        undo, key, rest = "partners:review-undo-several", "review", f"Signed as {request.membership.user}."
    else:
        noted = note_decisions(
            cycle.pk, asked, decision=decision, by=request.membership, tier=tier, reason=reason
        )
        refused, ids = noted.refused, [str(one.pk) for one in noted.kept]
        undo, key, rest = "partners:cycle-take-back", "decision", f"In force from {day(cycle.effective_on)}."
    return Done(
        _board_url(request),
        f"{plural(len(ids), 'proposal')} decided.",
        " ".join(refused[:3]) or rest,
        undo_url=tenant_url(request.tenant, undo) if ids else "",
        undo_fields={key: ",".join(ids)},
        kind="info" if refused else "good",
    )


@require_POST
@page_requires(Right.TIER_DECIDE)
def undo_several(request: TenantRequest) -> HttpResponse:
    """Take several of one's own latest decisions back."""
    ids = TierReview.objects.filter(pk__in=_ids(request.POST.get("review", ""))).values_list("pk", flat=True)

    def work() -> Done:
        done = undo_reviews(list(ids), by=request.membership)
        kind = "warn" if done.refused else "good"
        return Done(
            _board_url(request),
            f"{plural(len(done.reviews), 'decision')} undone.",
            " ".join(done.refused[:3]),
            kind=kind,
        )

    return act(request, work, stay_url=_board_url(request), refused_title="Not undone.", kind="warn")


def _ids(text: str) -> list[UUID]:
    found = []
    for one in text.split(","):
        with suppress(ValueError):
            found.append(UUID(one))
    return found


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
