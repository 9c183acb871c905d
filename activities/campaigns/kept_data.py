"""How long web visits of campaigns are kept."""

from activities.campaigns.settings.queries import settings_of_tenant
from prm.company.keeping.registry import Kept
from prm.ui.formatting import plural

KEPT = [
    Kept(
        key="web-visits",
        what=lambda: "Web visits of single partners from campaigns; their sums stay",
        how_long=lambda: plural(settings_of_tenant().keep_months, "month"),
        url_name="campaigns:counting",
        action="Change",
        order=20,
    )
]
