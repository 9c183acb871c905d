"""How long orders and their files are kept."""

from django.conf import settings

from prm.company.keeping.registry import Kept
from prm.tenancy.context import first_up, order_nouns
from prm.ui.formatting import plural

KEPT = [
    Kept(
        key="orders",
        what=lambda: f"{first_up(order_nouns()[1])}, rejected rows and the accounts of imports",
        how_long=lambda: "For good",
        order=50,
    ),
    Kept(
        key="uploads",
        what=lambda: "Uploaded files that nobody decided about, and those of failed imports",
        how_long=lambda: plural(settings.UPLOAD_DAYS, "day"),
        order=51,
    ),
]
