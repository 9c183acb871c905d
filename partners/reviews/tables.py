"""Columns of the review board's lists, as files."""

from decimal import Decimal

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.reviews.models import TierReview
from partners.reviews.words import review_words
from partners.standing.words import proposal_sentence
from prm.tenancy.models import Tenant
from prm.ui.export.answers import Columns
from prm.ui.export.cells import Amount


def proposed(tenant: Tenant, policy: StandingPolicy) -> Columns[Partner]:
    """Return the columns of what waits for a decision."""
    return {
        tenant.partner_noun.capitalize(): lambda partner: partner.name,
        "Specialty or kind": lambda partner: partner.second_word,
        "Tier": lambda partner: partner.get_tier_display(),
        "Proposed": lambda partner: partner.standing.get_tier_proposal_display(),
        f"Revenue judged ({tenant.currency})": lambda partner: Amount(
            Decimal(partner.standing.proposal["revenue"]), tenant.currency
        ),
        "Why": lambda partner: proposal_sentence(partner.standing.proposal, partner, policy, tenant),
    }


def decided(tenant: Tenant) -> Columns[TierReview]:
    """Return the columns of what was decided lately."""
    return {
        tenant.partner_noun.capitalize(): lambda review: review.partner.name,
        "Decision": lambda review: review_words(review).capitalize(),
        "Reason": lambda review: review.reason,
        "Signed by": lambda review: review.signed_by.user if review.signed_by else None,
        "Signed": lambda review: review.signed_at,
    }


def held(tenant: Tenant, policy: StandingPolicy) -> Columns[Partner]:
    """Return the columns of whom the rules keep in a tier."""
    return {
        tenant.partner_noun.capitalize(): lambda partner: partner.name,
        "Specialty or kind": lambda partner: partner.second_word,
        "Tier": lambda partner: partner.get_tier_display(),
        "Why it stays": lambda partner: proposal_sentence(partner.standing.proposal, partner, policy, tenant),
    }
