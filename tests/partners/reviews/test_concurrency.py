"""A review that two people close at the same moment, on real connections."""

import pytest

from partners.reviews.cycle import service
from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.cycle.states import CycleState
from partners.reviews.models import TierReview
from partners.reviews.service import Asked
from prm.tenancy.context import tenant_scope
from tests.conftest import tasks_left_in_the_queue
from tests.partners.pages import NOW, make_rising
from tests.partners.standing.test_concurrency import at_once


@pytest.fixture
def no_worker():
    with tasks_left_in_the_queue():
        yield


def test_a_review_closed_twice_at_the_same_moment_is_closed_once(
    transactional_db, mercy, clock_at, no_worker
):
    clock_at(NOW)
    with tenant_scope(mercy.tenant):
        partner = make_rising("Ann")
        cycle = service.open_cycle(by=mercy.manager)
        service.note_decisions(
            cycle.pk, [Asked(partner.pk, "low", "high")], decision="accept", by=mercy.manager
        )

    def sign(member):
        def act():
            with tenant_scope(mercy.tenant):
                return service.sign_cycle(cycle.pk, by=member)

        return act

    signed = at_once(sign(mercy.manager), sign(mercy.administrator))
    assert {one.signed_by_id for one in signed} in ({mercy.manager.pk}, {mercy.administrator.pk})
    with tenant_scope(mercy.tenant):
        closed = ReviewCycle.objects.get()
        assert (closed.state, closed.second_by_id) == (CycleState.SIGNED, None)
        assert not TierReview.objects.exclude(decision="initial").exists()  # in force on its day
