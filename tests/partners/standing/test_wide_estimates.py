"""An estimate whose ends lie too far apart to say anything stops neither its partner nor anybody else."""

from datetime import date
from decimal import Decimal

import pytest

from partners.share.service import add_estimate
from partners.standing.models import Standing
from partners.standing.service import recompute_requested, recompute_standings
from partners.standing.words import explain
from tests.partners.factories import make_partner


@pytest.mark.parametrize("high", ["10000000000000", "99999999999999"])
def test_wide_estimate_tells_nothing_and_stops_nobody(in_mercy, high):
    wide, other = make_partner(name="Estwide"), make_partner(name="Other")
    day = date(2026, 5, 1)
    for partner, ends in ((wide, ("1", "1000000000", high)), (other, ("1000", "2000", "4000"))):
        low, middle, most = map(Decimal, ends)
        add_estimate(partner.pk, low=low, middle=middle, high=most, source="survey", as_of=day)
    recompute_standings(as_of=date(2026, 5, 31))
    recompute_requested()
    told = {s.partner_id: s for s in Standing.objects.all()}
    assert told[wide.pk].share is None and told[wide.pk].headroom_high is None
    assert told[other.pk].headroom_high is not None
    (share,) = [part for part in told[wide.pk].components if part["key"] == "share"]
    assert explain(share, in_mercy.tenant) == "Cannot tell: the estimates lie too far apart"
