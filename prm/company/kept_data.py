"""How long is kept what belongs to people's accounts."""

from django.conf import settings

from prm.company.keeping.registry import Kept
from prm.ui.formatting import plural

KEPT = [
    Kept(
        key="sessions",
        what=lambda: "Sign-ins that are open",
        how_long=lambda: f"{plural(settings.SESSION_COOKIE_AGE // 86_400, 'day')} after they were used last",
        order=80,
    ),
    Kept(
        key="sign-in-log",
        what=lambda: "Sign-ins and failed tries",
        how_long=lambda: plural(settings.SIGN_IN_LOG_DAYS, "day"),
        order=81,
    ),
]
