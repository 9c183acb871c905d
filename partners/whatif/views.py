"""The page of the policy: thresholds on the distribution, who would move, past quarters, versions."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from partners.policy import service as policies
from partners.policy.models import StandingPolicy
from partners.policy.queries import draft, policy_in_force
from partners.policy.rules import USUAL_HIGH_PCT, USUAL_MEDIUM_PCT, Value
from partners.whatif import service
from partners.whatif.drawing import draw
from partners.whatif.forms import ConfirmForm, PolicyForm
from partners.whatif.queries import Move, Outcome, histogram, named, outcome, proposed_bands, replay, rises
from partners.whatif.trying import tried
from partners.whatif.words import visits_words
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, refuse
from prm.ui.http import target

SHOWN = 50
_NAV = {"nav_key": "policy"}


@require_GET
@page_requires(Right.POLICY_EDIT)
def page(request: TenantRequest) -> HttpResponse:
    """Show what a policy does: the draft, or figures of the address; with ?show= past quarters or versions."""
    show = request.GET.get("show", "")
    present, drafted = policy_in_force(), draft()
    context: dict[str, object] = {"present": present, "draft": drafted, "show": show, **_NAV}
    if show == "versions":
        context["versions"] = StandingPolicy.objects.select_related("signed_by__user")
    elif show == "quarters":
        context["quarters"] = replay(drafted or present)
    else:
        context |= _what_if(request, present, drafted)
    part = target(request) == "policy-outcome"
    return render(request, "partners/policy_outcome.html" if part else "partners/policy.html", context)


def _what_if(
    request: TenantRequest, present: StandingPolicy, drafted: StandingPolicy | None
) -> dict[str, object]:
    base, why = drafted or present, ""
    if not present.is_confirmed and drafted is None:
        base, why = _begin_with(present)
    sent = {key: value for key, value in request.GET.items() if key not in ("show", "move")}
    form = PolicyForm(sent or None, base=base)
    policy, is_edited = base, bool(sent)
    if sent and form.is_valid():
        try:
            policy = tried(form.figures())
        except Refused as refused:
            refuse(form, refused)
    found = outcome(policy, present)
    bins = histogram(found)
    moves, move, count = _chosen(found, request.GET.get("move", ""))
    partners = named(moves)
    return {
        "form": form,
        "confirm": ConfirmForm(initial={"reason": drafted.reason if drafted else ""}),
        "is_edited": is_edited,
        "wrong": bool(form.errors),
        "why": why,
        "outcome": found,
        "chart": draw(bins, policy.rules, present.rules if present.is_confirmed else None, request.tenant),
        "has_revenue": bool(bins),
        "visits": visits_words(found.visits_more),
        "up": found.money(rising=True),
        "down": found.money(rising=False),
        "directions": [
            {"key": f"{before}-{after}", "before": before, "after": after, "count": count}
            for before, after, count in found.directions()
        ],
        "move": move,
        "rows": [_row(one, partners[one.partner_id], found) for one in moves if one.partner_id in partners],
        "shown": len(moves),
        "of": count,
        "next_version": (drafted.version if drafted else present.version + 1),
    }


def _begin_with(present: StandingPolicy) -> tuple[StandingPolicy, str]:
    """Return the usual policy with the bands that the distribution proposes, and why these or none."""
    proposed = proposed_bands(present, high_pct=USUAL_HIGH_PCT, medium_pct=USUAL_MEDIUM_PCT)
    if proposed.starts is None:
        return present, proposed.why
    figures = {"medium_from": proposed.starts.medium, "high_from": proposed.starts.high}
    return tried(figures), f"Proposed from your own distribution. {proposed.why}"


def _chosen(found: Outcome, asked: str) -> tuple[list[Move], str, int]:
    """Return the first movers of a direction, its key, and how many there are."""
    directions = {f"{before}-{after}": (before, after, count) for before, after, count in found.directions()}
    key = asked if asked in directions else next(iter(directions), "")
    if not key:
        return [], "", 0
    before, after, count = directions[key]
    return found.some_moves((before, after), SHOWN), key, count


def _row(move: Move, partner: object, found: Outcome) -> Mapping[str, Value]:
    plans = found.policy.usual_visits
    because = "Waits already" if move.waits_already else "New threshold"
    if not move.before:
        because = "First tier"
    return {
        "move": move,
        "partner": partner,
        "rises": rises(move),
        "because": f"{because}; within 1% of it" if move.is_close else because,
        "visits": _plan(plans, move.before), "visits_then": _plan(plans, move.after),
    }  # fmt: skip


def _plan(plans: Mapping[str, list[int]], tier: str) -> str:
    visits, months = plans[tier or "low"]
    per = {1: "a month", 2: "in two months", 3: "a quarter", 6: "a half-year", 12: "a year"}[months]
    return f"{visits} {per}"


def _url(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "partners:policy")


@require_POST
@page_requires(Right.POLICY_EDIT)
def keep(request: TenantRequest) -> HttpResponse:
    """Keep what was tried as the draft of the next version; it changes nothing."""
    form = PolicyForm(request.POST, base=draft() or policy_in_force())

    def work() -> Done:
        if not form.is_valid():
            field, errors = next(iter(form.errors.items()))
            label = form.fields[field].label if field in form.fields else ""
            raise Refused(f"{label}: {errors[0]}" if label else str(errors[0]))
        made = service.draft(by=request.membership, reason=request.POST.get("reason", ""), **form.figures())
        return Done(
            _url(request), f"Version {made.version} is drafted.", "Nothing changes until it is put in force."
        )

    return act(request, work, stay_url=_url(request), refused_title="Not drafted.")


@require_POST
@page_requires(Right.POLICY_EDIT)
def discard(request: TenantRequest) -> HttpResponse:
    """Throw the draft away."""

    def work() -> Done:
        policies.discard_draft()
        return Done(_url(request), "The draft is thrown away.", "The rules stay as they are.")

    return act(request, work, stay_url=_url(request))


@require_POST
@page_requires(Right.POLICY_EDIT)
def confirm(request: TenantRequest) -> HttpResponse:
    """Put the draft in force, signed."""
    form = ConfirmForm(request.POST)

    def work() -> Done:
        if not form.is_valid():
            raise Refused("Write the day as 2026-11-23.", field="valid_from")
        made = policies.confirm_draft(by=request.membership, **form.cleaned_data)
        if made.state == StandingPolicy.State.DRAFT:
            return Done(
                _url(request), f"Version {made.version} is agreed.", f"It begins on {made.valid_from}."
            )
        return Done(
            _url(request),
            f"Version {made.version} is in force.",
            "Standings are worked out anew; who would move waits under Tier review.",
        )

    return act(request, work, stay_url=_url(request), refused_title="Not put in force.")
