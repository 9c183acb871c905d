"""How long the audit trail is kept."""

from prm.audit.keeping.queries import years_kept
from prm.company.keeping.registry import Kept
from prm.ui.formatting import plural


def _years() -> str:
    years = years_kept()
    return (
        "For good"
        if years is None
        else f"{plural(years, 'year')}; what is older goes every night, and that is noted"
    )


KEPT = [
    Kept(
        key="audit-trail",
        what=lambda: "The audit trail: who changed what, before and after",
        how_long=_years,
        url_name="audit:retention",
        action="Change",
        order=10,
    )
]
