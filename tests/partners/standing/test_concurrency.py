"""Two people, or a person and a task, at the same partner at the same moment, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from partners.directory import service as directory_service
from partners.directory.models import Partner, ReferralCode
from partners.reviews import service as reviews_service
from partners.reviews.models import TierReview
from partners.standing import service as standing_service
from partners.standing.models import Standing
from prm.core.errors import Refused
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.conftest import tasks_left_in_the_queue
from tests.partners.factories import make_months, make_partner

REASON = "One strong month is not a trend yet."


@pytest.fixture
def house(transactional_db, mercy):
    return mercy


@pytest.fixture
def no_worker():
    with tasks_left_in_the_queue():
        yield


def at_once(*actions):
    """Run the actions at the same time, each on its own connection; give results or errors."""
    start = Barrier(len(actions))

    def run(action):
        start.wait(timeout=10)
        try:
            return action()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, action) for action in actions]]


def make_rising():
    partner = make_partner("Dr. Whitfield")
    make_months(partner, date(2026, 3, 1), [300] * 3)
    standing_service.recompute_standings([partner.pk], as_of=date(2026, 3, 31))
    make_months(partner, date(2026, 11, 1), [2000] * 6)
    standing_service.recompute_standings([partner.pk], as_of=date(2026, 11, 23))
    return partner


def test_of_two_managers_one_decides(house, clock_at):
    from datetime import UTC, datetime

    clock_at(datetime(2026, 11, 23, 15, tzinfo=UTC))
    with tenant_scope(house.tenant):
        partner = make_rising()

    def decide(member, decision):
        def act():
            with tenant_scope(house.tenant):
                return reviews_service.decide_tier(
                    partner.pk,
                    decision=decision,
                    by=member,
                    from_tier="low",
                    proposed_tier="high",
                    reason=REASON,
                )

        return act

    found = at_once(decide(house.manager, "accept"), decide(house.administrator, "hold"))
    assert sorted(type(one).__name__ for one in found) == ["Refused", "TierReview"]
    with tenant_scope(house.tenant):
        assert TierReview.objects.exclude(decision="initial").count() == 1


def test_the_same_code_goes_to_one_partner_only(house):
    with tenant_scope(house.tenant):
        partners = [make_partner(), make_partner()]

    def take(partner):
        def act():
            with tenant_scope(house.tenant):
                return directory_service.add_code(partner.pk, scheme="", code="17850")

        return act

    found = at_once(*[take(partner) for partner in partners])
    assert sorted(type(one).__name__ for one in found) == ["ReferralCode", "Refused"]
    with tenant_scope(house.tenant):
        assert ReferralCode.objects.count() == 1


def test_recomputations_of_one_and_of_all_do_not_block_each_other_for_good(house, monkeypatch):
    monkeypatch.setattr("partners.standing.service.LOCKED_SINGLY", 2)
    with tenant_scope(house.tenant):
        partners = [make_partner() for _ in range(4)]
        for partner in partners:
            make_months(partner, date(2026, 11, 1), [500] * 12)

    def recompute(ids):
        def act():
            with tenant_scope(house.tenant):
                return standing_service.recompute_standings(ids, as_of=date(2026, 11, 23))

        return act

    first = [partners[0].pk]
    at_once(recompute(None), recompute(first), recompute(None), recompute(first))
    with tenant_scope(house.tenant):
        assert Standing.objects.count() == 4
        assert set(Partner.objects.values_list("tier", flat=True)) == {"medium"}
        assert TierReview.objects.count() == 4


@pytest.mark.usefixtures("no_worker")
def test_one_partner_does_not_wait_for_the_run_of_all(house, monkeypatch):
    """Locks are let go with each chunk: between two of them a single partner gets its turn."""
    monkeypatch.setattr("partners.standing.service.LOCKED_SINGLY", 1)
    monkeypatch.setattr(standing_service, "CHUNK", 2)
    with tenant_scope(house.tenant):
        partners = sorted((make_partner() for _ in range(4)), key=lambda partner: partner.pk)
    with tenant_scope(house.tenant):
        for partner in partners:
            make_months(partner, date(2026, 11, 1), [500] * 12)
    chunk, between = standing_service.recompute_chunk, []

    def alone():
        with tenant_scope(house.tenant):
            make_months(partners[0], date(2025, 1, 1), [1])
            return standing_service.recompute_standings([partners[0].pk], as_of=date(2026, 11, 23))

    def watched(ids, **options):
        if len(ids) > 1 and partners[2].pk in ids:
            between.extend(at_once(alone))
        return chunk(ids, **options)

    monkeypatch.setattr(standing_service, "recompute_chunk", watched)
    with bound_tenant(house.tenant):
        assert standing_service.recompute_standings(as_of=date(2026, 11, 23)) == 4
    assert between == [1]
