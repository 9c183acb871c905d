"""Another currency: bands, estimates and what was signed stay what they were worth."""

from datetime import date
from decimal import Decimal

import pytest

from partners.policy.models import StandingPolicy
from partners.policy.service import draft_policy
from partners.share.models import ShareEstimate
from prm.company.settings import service
from prm.core.errors import Refused
from tests.partners.factories import make_estimate, make_partner


def test_bands_become_a_new_version_and_the_old_one_stays(in_mercy):
    service.change_company(currency="EUR", rate=Decimal("0.905"), agreed=True)
    old, new = StandingPolicy.objects.order_by("version")
    assert (old.state, old.medium_from, old.high_from) == ("past", 2_000, 10_000)
    assert (new.state, new.medium_from, new.high_from) == ("in_force", 1_810, 9_050)
    assert "from USD to EUR, at 0.905" in new.reason


def test_bands_that_rounding_would_make_one_stay_two(in_mercy):
    service.change_company(currency="JPY", rate=Decimal("0.0001"), agreed=True)
    new = StandingPolicy.objects.get(state="in_force")
    assert (new.medium_from, new.high_from) == (1, 2)


def test_bands_nobody_confirmed_are_left_alone(in_mercy):
    StandingPolicy.objects.update(is_confirmed=False)
    service.change_company(currency="EUR")
    assert StandingPolicy.objects.get().version == 1


def test_a_draft_is_converted(in_mercy):
    draft_policy(medium_from=Decimal(100), high_from=Decimal(200))
    service.change_company(currency="EUR", rate=Decimal("0.5"), agreed=True)
    drafted = StandingPolicy.objects.get(state="draft")
    assert (drafted.medium_from, drafted.high_from) == (50, 100)


def test_estimates_are_converted_and_stay_ranges(in_mercy):
    make_estimate(make_partner(), 100, 200, 400)
    service.change_company(currency="EUR", rate=Decimal("0.00000001"), agreed=True)
    estimate = ShareEstimate.objects.get()
    assert 0 < estimate.low <= estimate.middle <= estimate.high


def test_without_a_rate_nothing_is_converted_and_it_says_what_would_be(in_mercy):
    make_estimate(make_partner(), 100, 200, 400, as_of=date(2026, 1, 1))
    with pytest.raises(Refused, match=r"1 estimate of what partners send .*bands of \$2,000 and \$10,000"):
        service.change_company(currency="EUR", agreed=True)
