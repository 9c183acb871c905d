"""How long is kept what became of digests."""

from prm.company.keeping.registry import Kept
from prm.digest.sending.service import KEPT as MAILS_KEPT
from prm.ui.formatting import plural

KEPT = [
    Kept(
        key="digests",
        what=lambda: "Which digest went to whom",
        how_long=lambda: plural(MAILS_KEPT.days, "day"),
        order=70,
    )
]
