"""What is said of a kind of partner."""

from partners.kinds.models import PartnerKind


def portal_words(kind: PartnerKind) -> str:
    """Say what the portal of partners of this kind shows."""
    return "Portal shows counts and states" if kind.is_regulated else "Portal shows tier and revenue too"
