"""The words of both thresholds end within the drawing and apart from each other, wherever the thresholds are."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from partners.policy.rules import Rules
from partners.states import Tier
from partners.whatif.drawing import draw
from partners.whatif.queries import Bin
from prm.tenancy.models import Tenant

amounts = st.decimals(1, 9_999_999, places=0)
TENANT = Tenant(slug="mercy", name="Mercy", currency="USD", created_at=datetime(2026, 1, 1, tzinfo=UTC))
# In units of the drawing, as Chromium draws them: a capital is wider, a comma narrower.
LETTER = 6.4


@given(st.sets(amounts, min_size=2, max_size=2).map(sorted))
@example([Decimal(30_000), Decimal(100_000)])
@example([Decimal(199_999), Decimal(200_000)])
def test_words_of_thresholds_stand_within_and_apart(thresholds):
    low, high = thresholds
    bins = [
        Bin(Decimal(1_000), Decimal(100_000), {Tier.LOW: 3}, 0),
        Bin(Decimal(100_000), Decimal(200_000), {}, 1),
    ]
    drawn = draw(bins, Rules(medium_from=low, high_from=high), None, TENANT)
    for plot in (drawn.desk, drawn.phone):
        medium, highest = plot.handles
        begins, ends = (one.words_x for one in (highest, medium))
        assert ends - LETTER * len(medium.title) >= 0
        assert begins + LETTER * len(highest.title) <= plot.width
        assert ends < begins
