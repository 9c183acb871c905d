"""What look-alikes tell in the digest: how many pairs wait for an answer."""

from collections.abc import Sequence

from partners.lookalikes.models import LookAlike
from prm.accounts.rights import Right
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.tenancy.context import partner_nouns
from prm.ui.formatting import plural


def _pairs(asking: Asking) -> Sequence[Line]:
    """Return how many pairs wait for an answer, as one line."""
    del asking  # everybody who may merge answers all
    count = LookAlike.objects.present().filter(state=LookAlike.State.OPEN).count()
    nouns = partner_nouns()[1]
    return [Line(f"{plural(count, 'pair')} of {nouns} may be one", count=count)] if count else []


TOPICS = [
    Topic(
        key="look-alikes",
        label="Look-alikes",
        nouns=lambda: ("pair that may be one", "pairs that may be one"),
        right=Right.ORDER_TIE,
        url_name="partners:look-alikes",
        find=_pairs,
        order=60,
    ),
]
ACTS: list[Act] = []
