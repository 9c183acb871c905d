"""Passing trouble is waited for or followed, and what happened while nobody listened is made up for."""

from datetime import timedelta

import pytest

from partners.directory.service import create_partner, update_partner
from prm.core import clock
from prm.core.clock import now
from prm.salesforce.engine.models import Connection, Outbox, SyncSchedule, SyncState
from prm.salesforce.runs import run, tasks
from prm.salesforce.setup import service as setup_service
from tests.salesforce.test_apps import make_order, make_visit


def test_a_session_refused_twice_signs_nobody_out(connected):
    """Fault 13."""
    create_partner(name="A", kind="agent")
    connected.fault(
        "status", status=401, times=3, body=[{"errorCode": "INVALID_SESSION_ID", "message": "expired"}]
    )
    report = connected.sync()
    assert Connection.objects.get().state == "connected"
    assert not report.failed
    assert connected.there.count("Account") == 1


def test_a_moved_instance_is_followed(connected):
    partner = create_partner(name="A", kind="agent")
    connected.settle()
    update_partner(partner.pk, phone="2")
    home = SyncState.objects.get().instance_url
    connected.fault("status", status=420, times=1, body="moved")
    SyncState.objects.update(instance_url=home.replace("127.0.0.1", "localhost"))
    connected.sync()
    assert SyncState.objects.get().instance_url == home
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == "2"


def test_a_killed_workers_claims_end_with_its_lane(connected):
    create_partner(name="A", kind="agent")
    Outbox.objects.update(
        claim="01a21b70-b96f-710b-aad5-5955205bce31", claimed_until=now() + timedelta(hours=9)
    )
    connected.sync()
    assert connected.there.count("Account") == 1


def test_a_clock_that_jumped_back_does_not_stop_the_reading(connected, monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "send_task", lambda name, **wish: calls.append(wish))
    ahead = now() + timedelta(hours=1)
    SyncSchedule.objects.update(pull_at=ahead, not_before=ahead, queued_until=ahead)
    SyncState.objects.update(lane="01a21b70-b96f-710b-aad5-5955205bce31", lane_until=ahead)
    tasks.sweep()
    assert calls == [{"pull": True}]
    assert connected.sync().message == ""


def test_what_was_deleted_here_while_disconnected_leaves_salesforce(connected):
    """Fault 8."""
    order = make_order(create_partner(name="A", kind="agent"))
    connected.settle()
    setup_service.disconnect()
    order.delete()
    server = connected.server
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )
    setup_service.start()
    connected.settle()
    assert connected.there.count("Opportunity") == 0


@pytest.mark.parametrize("answer", ["redirect", "unrouted", "silent"])
def test_an_instance_that_moved_is_followed_however_the_old_one_answers(connected, answer):
    partner = create_partner(name="A", kind="agent")
    connected.settle()
    home = SyncState.objects.get().instance_url
    connected.org.instance.move(answer)
    update_partner(partner.pk, phone="2")
    for _ in range(2):
        connected.sync(patient=True)
    assert SyncState.objects.get().instance_url == f"{home}-2"
    assert Connection.objects.get().state == "connected"
    assert not connected.dirty()
    assert connected.org.store.value('SELECT "Phone" FROM "Account" WHERE "Name" = ?', ("A",)) == "2"


def test_the_command_does_not_say_done_while_something_waits_unsaid(connected):
    create_partner(name="A", kind="agent")
    Outbox.objects.update(not_before=now() + timedelta(minutes=9))
    report = connected.sync(door="command", patient=True)
    assert not report.as_json()["done"]
    assert [(each["records"], each["reason"]) for each in report.waiting] == [(1, "Waits to be sent.")]


def test_a_pause_set_by_a_clock_ahead_is_none(connected):
    create_partner(name="A", kind="agent")
    Outbox.objects.update(not_before=now() + timedelta(hours=30))
    connected.sync()
    assert connected.there.count("Account") == 1


def test_workers_whose_clocks_differ_agree_on_whose_lane_it_is(connected, clock_at):
    """Ten minutes are more than a lease lasts: by its own clock the second worker would take a living one for dead."""
    first, second = (run.Lane(Connection.objects.get()) for _ in range(2))
    assert first.take()
    start = clock.now()
    for minutes in (10, -10):
        clock_at(start + timedelta(minutes=minutes))
        assert not second.take()
    clock_at(start)
    first.leave()
    assert second.take()


def test_a_clock_that_jumped_ahead_and_back_leaves_no_used_up_share(connected):
    SyncState.objects.update(our_calls=900, our_calls_since=now() + timedelta(days=300))
    Connection.objects.update(daily_calls=500)
    assert not connected.sync().failed
    assert SyncState.objects.get().our_calls < 100


def test_a_salesforce_clock_that_ran_ahead_hides_no_deletion(clock_of_the_database, connected, bound):
    """Of what only goes there deletions are read from a moment on, which one wrong answer must not put into the future."""
    order = make_order(create_partner(name="A", kind="agent"))
    visit = make_visit(order.partner, bound.rep)
    connected.settle()
    connected.org.clock.skew_date_header(10_800)
    connected.sync()
    connected.org.clock.skew_date_header(0)
    connected.there.delete("Event", visit.pk)
    connected.sync()
    assert [problem.record_id for problem in connected.problems()] == [visit.pk]
