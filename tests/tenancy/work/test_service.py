"""Whose turn it is: every tenant in turn, small before large, nothing twice, nothing lost."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from prm.tenancy.context import tenant_scope
from prm.tenancy.service import create_tenant
from prm.tenancy.work import rules, service
from prm.tenancy.work.models import Job, Turn
from prm.tenancy.work.states import Queue, Size

SMALL, LARGE = Size.SMALL, Size.LARGE


@pytest.fixture
def tenants(db):
    return [create_tenant(slug=f"t{place}", name=f"T{place}") for place in range(6)]


def add(tenant, name, *, size=SMALL, queue=Queue.IMPORTS, **arguments):
    with tenant_scope(tenant):
        return service.add(name, arguments, queue=queue, size=size)


def done(claimed):
    with tenant_scope(claimed.tenant):
        service.finish(claimed)


def back(claimed):
    with tenant_scope(claimed.tenant):
        service.give_back(claimed)


def names(most=20, queue=Queue.IMPORTS, after=done):
    """What one worker does, in this order."""
    found = []
    while len(found) < most and (claimed := service.claim(queue)):
        found.append(f"{claimed.tenant.slug} {claimed.name}")
        after(claimed)
    return found


def silence(claimed, seconds=1):
    """As if the worker had been killed and its lease had run out."""
    with tenant_scope(claimed.tenant):
        Job.objects.filter(pk=claimed.id).update(lease_until=Now() - timedelta(seconds=seconds))


def test_tenants_have_their_turn_one_after_the_other(tenants):
    for number in range(3):
        add(tenants[0], f"a{number}")
    add(tenants[1], "b")
    add(tenants[2], "c")
    assert names() == ["t0 a0", "t1 b", "t2 c", "t0 a1", "t0 a2"]


def test_one_edit_comes_after_one_slice_of_each_loud_tenant_at_most(tenants):
    *loud, quiet = tenants
    for tenant in loud:
        for number in range(20):
            add(tenant, f"backlog{number}", queue=Queue.INTERACTIVE)
    assert len(names(7, Queue.INTERACTIVE)) == 7
    add(quiet, "edit", queue=Queue.INTERACTIVE)
    assert "t5 edit" in names(1, Queue.INTERACTIVE)


def test_large_work_lets_small_work_overtake_it(tenants):
    for tenant in tenants[:5]:
        add(tenant, "year", size=LARGE)
    running = service.claim(Queue.IMPORTS)
    assert running.name == "year"
    for tenant in tenants:
        add(tenant, "day")
    assert names() == [f"t{place} day" for place in range(6)]
    assert service.claim(Queue.IMPORTS) is None
    done(running)
    assert names() == [f"t{place} year" for place in range(1, 5)]


def test_neither_small_nor_large_work_starves(tenants):
    add(tenants[0], "large", size=LARGE)
    for number in range(30):
        add(tenants[1], f"small{number}")
        add(tenants[0], f"own{number}")
    assert "t0 large" in names(3)


def test_a_tenant_has_so_many_pieces_at_once_and_no_more(tenants):
    for number in range(5):
        add(tenants[0], f"a{number}", queue=Queue.INTERACTIVE)
    add(tenants[1], "b", queue=Queue.INTERACTIVE)
    most = rules.TENANT_AT_ONCE[Queue.INTERACTIVE]
    at_once = [service.claim(Queue.INTERACTIVE) for _ in range(most + 2)]
    assert [claimed and claimed.tenant.slug for claimed in at_once] == [
        "t0",
        "t1",
        *["t0"] * (most - 1),
        None,
    ]


def test_more_large_pieces_run_at_once_where_there_are_workers_for_them(tenants, settings):
    settings.LARGE_AT_ONCE = 2
    for tenant in tenants:
        add(tenant, "year", size=LARGE)
    assert [bool(service.claim(Queue.IMPORTS)) for _ in range(3)] == [True, True, False]


def test_queues_are_for_themselves(tenants):
    add(tenants[0], "night", queue=Queue.NIGHTLY)
    assert service.claim(Queue.INTERACTIVE) is None
    assert service.claim(Queue.NIGHTLY).name == "night"


def test_a_slice_that_is_over_lets_everybody_else_go_first(tenants):
    add(tenants[0], "long")
    add(tenants[1], "b")
    first = service.claim(Queue.IMPORTS)
    back(first)
    add(tenants[0], "own")
    assert names() == ["t1 b", "t0 own", "t0 long"]


def test_what_asks_for_the_same_is_done_once(tenants):
    for _ in range(3):
        add(tenants[0], "scores")
    add(tenants[0], "scores", of=1)
    add(tenants[1], "scores")
    assert names() == ["t0 scores", "t1 scores", "t0 scores"]


def test_what_is_asked_for_while_it_is_done_is_done_again(tenants):
    add(tenants[0], "scores")
    running = service.claim(Queue.IMPORTS)
    add(tenants[0], "scores")
    done(running)
    assert names() == ["t0 scores"]


def test_work_whose_worker_was_killed_is_taken_by_another_and_the_first_changes_nothing_any_more(tenants):
    add(tenants[0], "import")
    killed = service.claim(Queue.IMPORTS)
    assert service.claim(Queue.IMPORTS) is None
    silence(killed)
    second = service.claim(Queue.IMPORTS)
    assert second.id == killed.id
    done(killed)
    back(killed)
    assert service.claim(Queue.IMPORTS) is None
    done(second)
    assert names() == []
    with tenant_scope(tenants[0]):
        assert not Job.objects.exists()


def test_work_that_kills_its_workers_is_given_up_and_said(tenants, caplog):
    add(tenants[0], "poison")
    for _ in range(rules.MOST_ATTEMPTS):
        silence(service.claim(Queue.IMPORTS))
    add(tenants[1], "b")
    assert names() == ["t1 b"]
    assert "poison of tenant t0 is given up" in caplog.text


def test_work_in_slices_is_not_given_up(tenants):
    add(tenants[0], "long")
    assert len(names(rules.MOST_ATTEMPTS * 2, after=back)) == rules.MOST_ATTEMPTS * 2


def test_postponed_work_waits(tenants):
    add(tenants[0], "a")
    claimed = service.claim(Queue.IMPORTS)
    with tenant_scope(claimed.tenant):
        service.postpone(claimed)
    assert service.claim(Queue.IMPORTS) is None
    assert service.waiting() == {}
    with tenant_scope(claimed.tenant):
        Job.objects.update(not_before=Now() - timedelta(seconds=2))
    assert names() == ["t0 a"]


def test_the_schedule_sees_what_has_waited(tenants):
    add(tenants[0], "a")
    assert service.waiting() == {}
    with tenant_scope(tenants[0]):
        Job.objects.update(added_at=Now() - timedelta(seconds=2))
    assert service.waiting() == {Queue.IMPORTS: 1}
    claimed = service.claim(Queue.IMPORTS)
    assert service.waiting() == {}
    silence(claimed, seconds=2)
    assert service.waiting() == {Queue.IMPORTS: 1}


def test_a_lease_is_renewed_while_the_work_goes_on(transactional_db, monkeypatch):
    tenant = create_tenant(slug="t", name="T")
    add(tenant, "long")
    claimed = service.claim(Queue.IMPORTS)
    silence(claimed)
    monkeypatch.setattr(service, "RENEW_SECONDS", 0.01)
    renewed = service.Lease(claimed)
    hold, seen = renewed._hold, []
    monkeypatch.setattr(renewed, "_hold", lambda: (hold(), seen.append(1)))
    with renewed:
        while not seen:
            renewed._over.wait(0.01)
    with tenant_scope(tenant):
        assert Job.objects.running().filter(lease=claimed.lease).exists()


def test_claiming_takes_as_many_statements_however_many_wait(db, django_assert_max_num_queries):
    tenants = [create_tenant(slug=f"n{place}", name="N") for place in range(40)]
    for tenant in tenants:
        for number in range(3):
            add(tenant, f"night{number}", size=LARGE, queue=Queue.NIGHTLY)
    with django_assert_max_num_queries(20):
        claimed = service.claim(Queue.NIGHTLY)
    done(claimed)
    first_forty = [claimed.tenant.slug, *(name.split()[0] for name in names(39, Queue.NIGHTLY))]
    assert len(set(first_forty)) == 40
    with tenant_scope(tenants[0]):
        assert Turn.objects.count() == 1
