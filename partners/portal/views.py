"""What a partner sees: their own referrals, and for unregulated kinds how far the next tier is."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from partners.directory.models import Partner
from partners.kinds.queries import is_regulated
from partners.policy.models import StandingPolicy
from partners.policy.queries import policy_in_force
from partners.portal import service
from partners.portal.access import partner_of
from partners.profiles import parts
from partners.states import Tier
from prm.accounts.http import TenantRequest
from prm.accounts.invitations.forms import PersonForm
from prm.accounts.invitations.sending import deliver
from prm.accounts.invitations.views import after_sending
from prm.accounts.rights import Right, page_requires
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.form_page import form_page
from prm.ui.formatting import money


@dataclass(frozen=True)
class TierProgress:
    """The tier in force, and what is missing to the next one."""

    tier: str
    sentence: str
    band: charts.Position


@require_GET
@page_requires(Right.OWN_REFERRALS)
def home(request: TenantRequest) -> HttpResponse:
    """Show a partner's first page. For regulated kinds nothing of tier, revenue or score is even read."""
    partner = partner_of(request)
    policy = policy_in_force()
    regulated = is_regulated(partner.kind)
    context = {
        "partner": partner,
        "progress": None if regulated else _progress(partner, policy, request.tenant),
        "fragments": parts.own_fragments(partner),
        "nav_key": "portal",
    }
    return render(request, "partners/portal.html", context)


def _progress(partner: Partner, policy: StandingPolicy, tenant: Tenant) -> TierProgress | None:
    standing = getattr(partner, "standing", None)
    if standing is None or not partner.tier:
        return None
    revenue = max(Decimal(0), standing.revenue_12m)
    edges = [policy.medium_from, policy.high_from]
    band = charts.position(revenue, edges=edges, words=f"{money(revenue, tenant)} now")
    return TierProgress(partner.tier, _missing(revenue, policy, tenant), band)


def _missing(revenue: Decimal, policy: StandingPolicy, tenant: Tenant) -> str:
    now = f"{money(revenue, tenant)} in {policy.trailing_months} months"
    if revenue >= policy.high_from:
        return f"{now}: within high."
    above, starts = (
        (Tier.MEDIUM, policy.medium_from) if revenue < policy.medium_from else (Tier.HIGH, policy.high_from)
    )
    return f"{now}. {above.label} starts at {money(starts, tenant)}."


@page_requires(Right.MEMBER_EDIT)
def invite(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Invite somebody who is to see this partner's own referrals."""
    partner = get_object_or_404(Partner, pk=pk)
    form = PersonForm(request.POST or None)

    def save() -> HttpResponse:
        invitation = service.invite(partner, **form.cleaned_data, by=request.membership)
        sent = deliver(invitation, by=request.membership, request=request)
        return after_sending(request, invitation, sent, partner.get_absolute_url())

    context = {"partner": partner, "title": "Give portal access", "submit": "Invite"}
    return form_page(request, form, "partners/small_form.html", context, save=save)
