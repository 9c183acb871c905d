"""Sample data beside a company's own: it comes only where there are no partners, and leaves the policy whole."""

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.reviews.models import TierReview
from prm.company.sample.queries import sample_ids
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.ui.formatting import plural

State = StandingPolicy.State


def refuse_beside_own(**_: object) -> None:
    """Raise `Refused` where the company has partners, or rules of tiers that somebody confirmed."""
    tenant = current_tenant()
    if Partner.objects.exists():
        raise Refused(
            f"There are {tenant.partner_noun_plural} here already. Sample data goes into an organisation without any, so "
            "that the two are never mixed.",
            code="not_empty",
        )
    if StandingPolicy.objects.filter(is_confirmed=True).exists():
        raise Refused(
            "Bands of tiers are confirmed here already; sample data brings its own.", code="not_empty"
        )


def refuse_decided_by_sample(**_: object) -> None:
    """Raise `Refused` where tiers of the company's own partners rest on the sample's version of the policy."""
    versions = StandingPolicy.objects.filter(pk__in=sample_ids(StandingPolicy)).values("version")
    own = TierReview.objects.exclude(pk__in=sample_ids(TierReview)).exclude(partner__in=sample_ids(Partner))
    if count := own.filter(policy_version__in=versions).count():
        raise Refused(
            f"{plural(count, 'decision')} about your own {current_tenant().partner_noun_plural} rest on the sample’s tier "
            "policy. Put a policy of your own in force and decide them by it first.",
            code="depended_on",
        )


def make_policy_whole(**_: object) -> None:
    """Put the newest version that is left in force, where the one in force has gone with the sample data."""
    if not StandingPolicy.objects.filter(state=State.IN_FORCE).exists():
        newest = StandingPolicy.objects.exclude(state=State.DRAFT).order_by("-version").first()
        if newest is not None:
            StandingPolicy.objects.filter(pk=newest.pk).update(state=State.IN_FORCE)
