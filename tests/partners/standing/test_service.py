"""Recomputing what the database has asked for: nothing twice, nothing lost, nobody held up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import OperationalError, connection

from partners.directory.models import Partner
from partners.directory.service import create_partners_from_codes
from partners.standing import service, tasks, triggers
from partners.standing.models import Standing, StandingRequest
from prm.tenancy.context import bound_tenant, tenant_scope
from prm.tenancy.work.models import Job
from prm.tenancy.work.states import Slice
from tests.conftest import tasks_left_in_the_queue
from tests.partners.factories import make_month, make_months, make_partner

NOV = date(2026, 11, 1)


def named():
    return set(StandingRequest.objects.values_list("partner_id", flat=True))


def standing_of():
    return set(Standing.objects.values_list("partner_id", flat=True))


@pytest.fixture(autouse=True)
def _late_in_november(clock_at):
    """Stop the clock in the last of the months that the tests' partners have orders in."""
    clock_at(datetime(2026, 11, 23, 17, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _nothing_asked_for(request, _late_in_november):
    """A tenant asks for everybody with its first rules."""
    for name in {"mercy", "in_mercy", "anchor"} & set(request.fixturenames):
        house = request.getfixturevalue(name)
        with tenant_scope(house.tenant):
            StandingRequest.objects.all().delete()


@pytest.fixture
def broken(monkeypatch):
    """`broken(partner)` makes the computation fail whenever this partner takes part."""
    compute = service.recompute_chunk

    def make(partner, error=ArithmeticError):
        def fail(partner_ids):
            if partner.pk in partner_ids:
                raise error("of this partner")
            return compute(partner_ids)

        monkeypatch.setattr(service, "recompute_chunk", fail)

    return make


# --- what is asked for ------------------------------------------------------------------------


def test_who_is_named_is_recomputed_and_no_one_else(in_mercy):
    first, second = make_partner(), make_partner()
    StandingRequest.objects.filter(partner_id=second.pk).delete()
    assert service.recompute_requested() == 1
    assert standing_of() == {first.pk}
    assert named() == set()


def test_nothing_asked_for_computes_nothing(in_mercy, monkeypatch):
    monkeypatch.setattr(service, "recompute_chunk", None)
    assert service.recompute_requested() == 0


def test_being_named_often_is_one_computation(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [100] * 12)
    assert StandingRequest.objects.filter(partner_id=partner.pk).count() == 13
    assert service.recompute_requested() == 1


def test_a_first_tier_that_the_recomputation_sets_asks_for_nothing(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [5_000] * 12)
    service.recompute_requested()
    partner.refresh_from_db()
    assert partner.tier
    assert named() == set()


def test_what_is_noted_meanwhile_stays(in_mercy, monkeypatch):
    partner = make_partner()
    rounds = []

    def noting(partner_ids):
        if not rounds:
            make_month(partner, NOV)
        rounds.append(partner_ids)
        return 0

    monkeypatch.setattr(service, "recompute_chunk", noting)
    service.recompute_requested()
    assert rounds == [[partner.pk]] * 2


def test_partners_that_are_gone_are_passed_over(in_mercy):
    make_partner().delete()
    assert service.recompute_requested() == 0
    assert named() == set()


def test_more_than_a_statement_names_are_everybody(in_mercy):
    names = {f"C{number}": "" for number in range(triggers.NAMED_AT_MOST + 1)}
    create_partners_from_codes(names, kind="agent", scheme="")
    assert named() == {None}
    StandingRequest.objects.all().delete()
    names.popitem()
    create_partners_from_codes({f"D{name}": "" for name in names}, kind="agent", scheme="")
    assert (None in named(), len(named())) == (False, triggers.NAMED_AT_MOST)
    with connection.cursor() as cursor:
        # The keys of these partners are checked at the end, by plans made when there were none.
        cursor.execute("DISCARD PLANS")


# --- everybody --------------------------------------------------------------------------------


def test_everybody_goes_chunk_by_chunk_and_is_remembered_between(in_mercy, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 2)
    partners = sorted(make_partner().pk for _ in range(5))
    StandingRequest.objects.all().delete()
    service.request_everybody()
    seen = []

    def watched(partner_ids):
        seen.append((partner_ids, StandingRequest.objects.get().done_to))
        return len(partner_ids)

    monkeypatch.setattr(service, "recompute_chunk", watched)
    assert service.recompute_requested() == 5
    assert seen == [
        (partners[:2], partners[1]),
        (partners[2:4], partners[3]),
        (partners[4:], partners[4]),
    ]
    assert named() == set()


def test_everybody_asked_for_again_begins_again(in_mercy):
    partners = sorted(make_partner().pk for _ in range(3))
    StandingRequest.objects.all().delete()
    StandingRequest.objects.create(done_to=partners[1])
    service.request_everybody()
    service.request_everybody()
    assert service.recompute_requested() == 3
    assert standing_of() == set(partners)
    assert named() == set()


def test_who_is_named_goes_before_the_next_chunk_of_everybody(in_mercy, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 1)
    first, second = sorted((make_partner() for _ in range(2)), key=lambda partner: partner.pk)
    StandingRequest.objects.all().delete()
    service.request_everybody()
    seen = []

    def watched(partner_ids):
        if not seen:
            make_month(first, NOV)
        seen.extend(partner_ids)
        return 0

    monkeypatch.setattr(service, "recompute_chunk", watched)
    service.recompute_requested()
    assert seen == [first.pk, first.pk, second.pk]


# --- what fails -------------------------------------------------------------------------------


def test_a_partner_that_fails_stops_nobody_and_stays_named(in_mercy, broken, caplog):
    partners = [make_partner() for _ in range(7)]
    broken(partners[3])
    assert service.recompute_requested() == 6
    assert standing_of() == {partner.pk for partner in partners} - {partners[3].pk}
    assert named() == {partners[3].pk}
    assert str(partners[3].pk) in caplog.text


def test_a_partner_that_fails_does_not_stop_everybody(in_mercy, broken):
    partners = [make_partner() for _ in range(4)]
    StandingRequest.objects.all().delete()
    broken(partners[0])
    service.request_everybody()
    assert service.recompute_requested() == 3
    assert named() == set()


def test_a_database_in_trouble_ends_the_run_and_loses_nothing(in_mercy, broken):
    partner = make_partner()
    broken(partner, OperationalError)
    with pytest.raises(OperationalError), tenant_scope(in_mercy.tenant):
        service.recompute_requested()
    assert named() == {partner.pk}


# --- tasks ------------------------------------------------------------------------------------


def test_a_change_is_followed_by_a_new_standing(in_mercy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        partner = make_partner()
    with django_capture_on_commit_callbacks(execute=True):
        make_months(partner, NOV, [5_000] * 12)
    partner.refresh_from_db()
    assert partner.tier


def test_bulk_sql_is_followed_by_a_new_standing(in_mercy, django_capture_on_commit_callbacks):
    partner = make_partner()
    make_months(partner, NOV, [100] * 12)
    service.recompute_requested()
    with django_capture_on_commit_callbacks(execute=True), connection.cursor() as cursor:
        cursor.execute("UPDATE partners_partnermonth SET revenue = revenue * 2")
    assert Standing.objects.get().revenue_total == 2_400


def test_what_changes_nothing_sends_no_task(in_mercy, django_capture_on_commit_callbacks):
    make_partner()
    with django_capture_on_commit_callbacks() as callbacks:
        Partner.objects.update(phone="1", version=7)
        StandingRequest.objects.all().delete()
    assert callbacks == []


def test_the_sweep_sends_for_tenants_that_wait_and_no_others(
    mercy, anchor, django_capture_on_commit_callbacks
):
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            make_partner()
    with tenant_scope(anchor.tenant):
        service.recompute_requested()
    with tasks_left_in_the_queue(), django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_requested()
        tasks.sweep_requested()
    for house, sent in ((mercy, ["partners.recompute_requested"]), (anchor, [])):
        with tenant_scope(house.tenant):
            assert list(Job.objects.values_list("name", flat=True)) == sent


def test_a_lost_wake_up_is_made_up_for_by_the_sweep(
    in_mercy, monkeypatch, django_capture_on_commit_callbacks
):
    def down(*args, **options):
        raise ConnectionError

    with monkeypatch.context() as away:
        away.setattr("prm.tenancy.work.service.add", down)
        with django_capture_on_commit_callbacks(execute=True):
            partner = make_partner()
    assert standing_of() == set()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_requested()
    assert standing_of() == {partner.pk}


def test_long_work_lets_others_have_their_turn(in_mercy, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 2)
    for _ in range(5):
        make_partner()
    assert service.recompute_for(0) is Slice.MORE
    assert Standing.objects.count() == 2
    assert service.recompute_for(60) is Slice.DONE
    assert Standing.objects.count() == 5


def test_what_the_night_asks_for_is_none_of_the_days_work(in_mercy):
    make_partner()
    StandingRequest.objects.all().delete()
    service.request_everybody(by_night=True)
    assert service.recompute_requested() == 0
    assert service.recompute_requested(by_night=True) == 1
    assert not StandingRequest.objects.exists()


def test_every_night_everybody_of_each_tenant_is_asked_for(mercy, anchor, django_capture_on_commit_callbacks):
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            make_partner()
            StandingRequest.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.recompute_everybody()
    for house in (mercy, anchor):
        with tenant_scope(house.tenant):
            assert Standing.objects.count() == 1
            assert named() == set()


def test_two_tasks_at_once_share_the_work(transactional_db, mercy, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 5)
    with tasks_left_in_the_queue(), tenant_scope(mercy.tenant):
        partners = {make_partner().pk for _ in range(40)}

    def run(_):
        try:
            with bound_tenant(mercy.tenant):
                return service.recompute_requested()
        finally:
            connection.close()

    with tasks_left_in_the_queue(), ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(run, range(3))) == 40
    with tenant_scope(mercy.tenant):
        assert standing_of() == partners
        assert named() == set()
