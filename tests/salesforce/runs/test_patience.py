"""Passing trouble is waited for or followed, and what happened while nobody listened is made up for."""

from datetime import timedelta

import pytest

from partners.directory.service import create_partner, update_partner
from prm.core.clock import now
from prm.salesforce.engine.models import Connection, Outbox, SyncSchedule, SyncState
from prm.salesforce.runs import tasks
from prm.salesforce.setup import service as setup_service
from tests.salesforce.test_apps import make_order


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
