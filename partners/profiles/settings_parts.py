"""What this app puts on the page of settings: the tenant's own kinds of partner."""

from collections.abc import Mapping

from django.db.models import Count

from partners.directory.models import Partner
from partners.kinds.models import PartnerKind
from partners.kinds.words import portal_words
from prm.company.settings.parts import SettingsPart


def _kinds() -> Mapping[str, object]:
    """Return the kinds with how many partners are of each (2 queries)."""
    counts = dict(Partner.objects.order_by().values_list("kind").annotate(partners=Count("pk")))
    rows = [
        {"kind": kind, "partners": counts.get(kind.key, 0), "portal": portal_words(kind)}
        for kind in PartnerKind.objects.all()
    ]
    return {"rows": rows}


SETTINGS_PARTS = [
    SettingsPart(
        key="kinds",
        title="Kinds",
        about="Your own list. Regulated: may not be rewarded by volume, so neither tier nor revenue ever reaches their "
        "portal.",
        template="partners/settings_kinds.html",
        context=_kinds,
        order=10,
    )
]
