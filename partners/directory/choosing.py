"""Partners and organisations, chosen by typing."""

from dataclasses import replace

from django.db.models import QuerySet

from partners.directory.models import Partner, PartnerQuerySet
from partners.kinds.queries import organisation_keys
from prm.accounts.models import Membership
from prm.accounts.profile.choosing import MEMBERS
from prm.accounts.rights import Right
from prm.ui.pickers.pickers import Picker


def _matching(rows: PartnerQuerySet, words: str) -> QuerySet[Partner]:
    """Keep those whose name contains the words or one of whose codes begins with them, first the names they begin."""
    return rows.matching(words).by_beginning(words)


def _note(partner: Partner) -> str:
    """Return the kind and where: what tells namesakes apart."""
    return ", ".join(filter(None, (partner.specialty or partner.get_kind_display(), partner.city)))


PARTNERS = Picker(
    key="partners",
    right=Right.PARTNER_VIEW,
    rows=lambda: Partner.objects.order_by("name", "pk"),
    matching=_matching,
    nouns=("partner", "partners"),
    note=_note,
)
ACTIVE_PARTNERS = replace(
    PARTNERS, key="active-partners", rows=lambda: Partner.objects.active().order_by("name", "pk")
)
PANELS = replace(MEMBERS, key="panels", rows=lambda: Membership.objects.staff().with_people(), none="Nobody")
"""Whose panel a partner may be in, for filters: also of those who have left."""
ORGANISATIONS = Picker(
    key="organisations",
    right=Right.PARTNER_VIEW,
    rows=lambda: Partner.objects.active().filter(kind__in=organisation_keys()).order_by("name", "pk"),
    matching=_matching,
    nouns=("organisation", "organisations"),
    note=_note,
)
PICKERS = [PARTNERS, ACTIVE_PARTNERS, PANELS, ORGANISATIONS]
