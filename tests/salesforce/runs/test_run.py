"""Runs, tasks, audit and commands."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.clock import now
from prm.mapping.values import parse_moment
from prm.salesforce.engine import queue
from prm.salesforce.engine.models import Connection, Outbox, PullCursor, SyncRun, SyncSchedule, SyncState
from prm.salesforce.engine.pull import OVERLAP
from prm.salesforce.engine.report import Report
from prm.salesforce.runs import run, tasks
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import as_sweep, bound_tenant, current_tenant, tenant_scope
from prm.tenancy.tasks import send_task
from prm.tenancy.work import courtesy
from prm.tenancy.work.states import Queue, Size


@pytest.fixture
def outside(transactional_db, mercy, server):
    """Connected and set up, with no tenant in scope and no transaction around the test.

    The engine opens its own transactions; only so is a missing one noticed.
    """
    with bound_tenant(mercy.tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        setup_service.set_up()
        setup_service.start()
        run.sync(run.Wish())
    return server


def command(name, *args, **options):
    out, err = StringIO(), StringIO()
    call_command(name, *args, stdout=out, stderr=err, **options)
    return out.getvalue()


def test_a_tenant_that_is_not_connected_is_told_so(mercy):
    with pytest.raises(CommandError, match=r"not connected to Salesforce. Use salesforce_connect"):
        command("salesforce_sync", tenant="mercy")


def test_the_sync_command_prints_one_object(mercy, outside):
    with tenant_scope(mercy.tenant):
        create_partner(name="A", kind="agent")
    report = json.loads(command("salesforce_sync", tenant="mercy", json=True))
    assert report["pushed"]["partners.partner"] == {"created": 1, "updated": 0, "unchanged": 0, "failed": 0}
    assert report["done"] is True
    again = json.loads(command("salesforce_sync", tenant="mercy", json=True))
    assert again["pushed"] == {}
    assert again["calls"] <= 6


def test_push_alone_looks_only_when_there_is_something_to_send(mercy, outside):
    outside.org.log.clear()
    command("salesforce_sync", tenant="mercy", push=True)
    assert outside.org.log.entries == []
    with tenant_scope(mercy.tenant):
        create_partner(name="A", kind="agent")
    command("salesforce_sync", tenant="mercy", push=True)
    assert [entry["endpoint"] for entry in outside.org.log.entries] == ["queryAll", "composite"]


def test_what_waits_is_said(mercy, outside):
    outside.org.faults.add(kind="validation", object="Account", message="No", field="Name")
    with tenant_scope(mercy.tenant):
        create_partner(name="A", kind="agent")
    text = command("salesforce_sync", tenant="mercy")
    assert "1 partners: FIELD_CUSTOM_VALIDATION_EXCEPTION: No" in text


def test_an_organisation_that_is_not_there_any_more(mercy, outside, monkeypatch):
    monkeypatch.setattr(run.time, "sleep", lambda seconds: None)
    with tenant_scope(mercy.tenant):
        create_partner(name="A", kind="agent")
        SyncState.objects.update(instance_url="http://127.0.0.1:9")
        # Sign-in would name the address at which it lives now.
        Connection.objects.update(login_url="http://127.0.0.1:9")
    with pytest.raises(CommandError, match="cannot be reached"):
        command("salesforce_sync", tenant="mercy")
    with tenant_scope(mercy.tenant):
        assert Outbox.objects.count() == 1
        assert SyncState.objects.get().lane is None


def test_connecting_by_command(mercy, server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(server.client_secret + "\n")
    options = {"tenant": "mercy", "login_url": server.url, "client_id": server.client_id}
    out = json.loads(command("salesforce_connect", client_secret_file=secret, json=True, **options))
    assert out["organization_id"] == server.org.organization_id
    assert "made field Account.PRM_Id__c" in command("salesforce_setup", tenant="mercy")
    assert "Nothing to make" in command("salesforce_setup", tenant="mercy")


@pytest.mark.parametrize(
    "change,words",
    [
        ({"login_url": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"login_url": "http://sandbox.example"}, "not encrypted"),
        ({"client_id": "wrong"}, "refuses the sign-in"),
        ({"tenant": "nobody"}, "No tenant is called"),
    ],
)
def test_a_connection_that_fails_is_one_line_and_nothing_stored(mercy, server, tmp_path, change, words):
    secret = tmp_path / "secret"
    secret.write_text(server.client_secret)
    options = {"tenant": "mercy", "login_url": server.url, "client_id": server.client_id, **change}
    with pytest.raises(CommandError, match=words) as caught:
        command("salesforce_connect", client_secret_file=secret, **options)
    assert "\n" not in str(caught.value)
    with tenant_scope(mercy.tenant):
        assert not Connection.objects.exists()
        assert not SyncState.objects.exists()
        assert not SyncSchedule.objects.exists()


def test_a_secret_file_that_is_not_there(mercy, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        command(
            "salesforce_connect",
            tenant="mercy",
            login_url="https://a.example",
            client_id="a",
            client_secret_file=tmp_path / "none",
        )


def test_connecting_again_to_another_organisation_is_refused(mercy, outside, tmp_path):
    from prm.core.errors import Refused
    from prm.sandbox.org import SandboxOrg
    from prm.sandbox.server import SandboxServer

    with SandboxServer(SandboxOrg()) as other, bound_tenant(mercy.tenant):
        credentials = {"client_id": other.client_id, "client_secret": other.client_secret}
        with pytest.raises(Refused, match="Disconnect first"):
            setup_service.connect(login_url=other.url, **credentials)
        with tenant_scope(mercy.tenant):
            assert Connection.objects.get().organization_id == outside.org.organization_id
            create_partner(name="A", kind="agent")
        setup_service.disconnect()
        setup_service.connect(login_url=other.url, **credentials)
        setup_service.set_up()
        setup_service.start()
        assert run.sync(run.Wish()).pushed["partners.partner"] == {"created": 1}


# --- sweep ----------------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    calls = []
    monkeypatch.setattr(
        tasks, "send_task", lambda name, **wish: calls.append({"tenant": current_tenant().slug, **wish})
    )
    return calls


def test_the_sweep_sends_what_is_due(mercy, outside, sent):
    with tenant_scope(mercy.tenant):
        SyncSchedule.objects.update(pull_at=now() + timedelta(seconds=20))
    tasks.sweep()
    assert sent == []
    with tenant_scope(mercy.tenant):
        create_partner(name="A", kind="agent")
    tasks.sweep()
    tasks.sweep()
    assert sent == [{"tenant": "mercy", "pull": False}]
    with tenant_scope(mercy.tenant):
        SyncSchedule.objects.update(pull_at=now(), queued_until=None)
    tasks.sweep()
    assert sent[1]["pull"] is True
    with tenant_scope(mercy.tenant):
        assert SyncSchedule.objects.get().pull_at > now() + timedelta(seconds=10)


def test_one_tenants_schedule_is_out_of_anothers_reach(mercy, anchor, outside):
    with tenant_scope(anchor.tenant):
        SyncSchedule.objects.create()
        assert SyncSchedule.objects.update(is_active=False) == 1
        with as_sweep():
            reach = SyncSchedule.objects.unscoped("tries to write what it may read")
            assert reach.count() == 2
            assert reach.update(is_active=False) == 1
    with tenant_scope(mercy.tenant):
        assert SyncSchedule.objects.get().is_active


def test_the_task_does_the_work(mercy, outside):
    with tenant_scope(mercy.tenant):
        create_partner(name="A", kind="agent")
        send_task("salesforce.sync")
    with tenant_scope(mercy.tenant):
        assert Outbox.objects.count() == 0
        latest = SyncRun.objects.latest("started_at")
        assert latest.counts["pushed"]["partners.partner"]["created"] == 1
        assert latest.lag_p95 < 5


def test_a_slice_ends_before_the_work_does_and_the_next_goes_on(connected, monkeypatch):
    monkeypatch.setattr("prm.salesforce.engine.push.BATCH", 2)
    for place in range(5):
        create_partner(name=f"P{place}", kind="agent")
    first = connected.sync(seconds=0)
    assert (first.more, first.failed) == (True, False)
    slices = 1
    while connected.sync(seconds=0).more:
        slices += 1
    assert slices >= 2
    assert connected.dirty() == 0
    assert connected.there.count("Account") == 5


def test_a_page_is_cut_within_and_keeps_the_lane(connected, monkeypatch):
    """Applying a page may outlast the slice, and the lane."""
    partners = [create_partner(name=f"P{place}", kind="agent", city="X") for place in range(5)]
    connected.settle()
    for partner in partners:
        connected.there.edit("Account", partner.pk, BillingCity="Y")
    monkeypatch.setattr("prm.salesforce.engine.pull.CHUNK", 2)
    kept = []
    monkeypatch.setattr(run.Lane, "keep", lambda _: kept.append(1))
    report = connected.sync(push=False, seconds=0)
    assert (report.more, Partner.objects.filter(city="Y").count()) == (True, 2)
    kept.clear()
    connected.sync(push=False)
    assert Partner.objects.filter(city="Y").count() == 5
    assert len(kept) >= 2


def test_work_that_is_not_known_to_be_long_has_a_short_first_slice(mercy, monkeypatch):
    wishes = []
    monkeypatch.setattr(run, "sync", lambda wish: wishes.append(wish.seconds) or Report())
    with bound_tenant(mercy.tenant):
        for size in (Size.SMALL, Size.LARGE):
            with courtesy.under_way(Queue.SYNC, size):
                tasks.sync_tenant()
    assert wishes == [tasks.FIRST_SECONDS, tasks.SLICE_SECONDS]


def test_readings_keep_their_hours(connected, monkeypatch):
    """Each is due one interval after the last was due, however late the sweep saw that."""
    monkeypatch.setattr(tasks, "send_task", lambda *_, **__: None)
    due = now() - timedelta(seconds=1)
    SyncSchedule.objects.update(pull_at=due, poll_seconds=5)
    tasks.sweep()
    assert SyncSchedule.objects.get().pull_at == due + timedelta(seconds=5)
    late = now() - timedelta(minutes=5)
    SyncSchedule.objects.update(pull_at=late, queued_until=None)
    tasks.sweep()
    assert SyncSchedule.objects.get().pull_at > now() + timedelta(seconds=4)


def changed_there(connected, monkeypatch):
    """Five partners whose accounts were changed there since the last sync; a page holds two."""
    monkeypatch.setattr("prm.salesforce.engine.pull.PAGE", 2)
    partners = [create_partner(name=f"P{place}", kind="agent") for place in range(5)]
    connected.sync()
    for partner in partners:
        connected.there.edit("Account", partner.pk, Phone=f"555-{partner.name}")
    return partners


def phones(partners):
    return {Partner.objects.get(pk=partner.pk).phone for partner in partners}


def test_a_long_reading_is_cut_after_a_page_and_goes_on_from_there(connected, monkeypatch):
    partners = changed_there(connected, monkeypatch)
    slices = 1
    while connected.sync(seconds=0).more:
        slices += 1
    assert slices >= 2
    assert phones(partners) == {f"555-P{n}" for n in range(5)}


def test_a_reading_cut_within_the_overlap_goes_on_from_there_too(connected, monkeypatch):
    """What was saved in the second in which everything had been read last lies before the cursor."""
    partners = changed_there(connected, monkeypatch)
    saved = [connected.there.one("Account", partner.pk, "SystemModstamp") for partner in partners]
    first = min(parse_moment(row["SystemModstamp"]) for row in saved)
    PullCursor.objects.filter(sobject="Account").update(
        stamp=first + OVERLAP - timedelta(seconds=1), last_id=""
    )
    slices = next(number for number in range(1, 9) if not connected.sync(seconds=0).more)
    assert slices >= 2
    assert phones(partners) == {f"555-P{n}" for n in range(5)}


def test_a_paused_tenant_is_not_looked_at(mercy, outside, sent):
    with tenant_scope(mercy.tenant):
        setup_service.pause()
        create_partner(name="A", kind="agent")
    tasks.sweep()
    assert sent == []


def test_a_second_worker_finds_the_lane_taken(mercy, outside):
    from prm.salesforce.runs.lane import Lane

    with bound_tenant(mercy.tenant):
        with tenant_scope(mercy.tenant):
            other = Lane(Connection.objects.get())
        assert other.take()
        assert run.sync(run.Wish()).message == "Another sync of this tenant is running."
        with tenant_scope(mercy.tenant):
            SyncState.objects.update(lane_until=now() - timedelta(seconds=1))
        assert run.sync(run.Wish()).message == ""


def test_a_sign_in_that_dies_needs_a_person_and_keeps_everything(connected):
    connected.org.sessions.end_all()
    connected.org.app.client_secret = "changed by the administrator"
    partner = create_partner(name="A", kind="agent")
    report = connected.sync()
    assert report.failed
    assert Connection.objects.get().state == "signed_out"
    assert not SyncSchedule.objects.get().is_active
    assert connected.dirty() == 1
    setup_service.connect(
        login_url=connected.server.url,
        client_id=connected.server.client_id,
        client_secret="changed by the administrator",
    )
    connected.sync()
    assert connected.dirty() == 0
    assert partner.pk


def test_our_share_of_the_calls_is_kept(connected):
    Connection.objects.update(daily_calls=SyncState.objects.get().our_calls + 2)
    create_partner(name="A", kind="agent")
    report = connected.sync()
    assert report.failed
    assert "Our" in report.message
    assert connected.dirty() == 1


def test_the_organisation_keeps_a_reserve(connected):
    connected.org.usage.limit = connected.org.usage.used + 3
    create_partner(name="A", kind="agent")
    report = connected.sync()
    assert report.failed
    assert "left to its other programs" in report.message
    assert connected.dirty() == 1


def test_beyond_our_part_a_persons_edit_still_goes_and_a_backlog_waits(connected):
    """Fault 15: a reserve of the API calls is kept for single edits."""
    edited = create_partner(name="A", kind="agent")
    connected.settle()
    connected.org.usage.limit = 100_000
    connected.org.usage.count(81_000)
    backlog = [create_partner(name=f"B{number}", kind="agent") for number in range(queue.EDIT_RECORDS + 1)]
    update_partner(edited.pk, phone="1")
    Outbox.objects.filter(record_id=edited.pk).update(cause=1)  # a transaction of its own
    report = connected.sync()
    assert "kept for single edits" in report.message
    assert connected.there.one("Account", edited.pk, "Phone")["Phone"] == "1"
    assert connected.dirty() == len(backlog)
    schedule = SyncSchedule.objects.get()
    assert (schedule.saving_until > now(), schedule.not_before) == (True, None)
    assert not queue.has_work(edits=True)
    connected.org.usage.limit = 1_000_000
    SyncSchedule.objects.update(saving_until=None)
    connected.sync()
    assert (connected.dirty(), SyncSchedule.objects.get().saving_until) == (0, None)


# --- audit ----------------------------------------------------------------------------------------


def test_the_audit_names_every_difference_and_why(connected):
    same, edited, missing, held = (
        create_partner(name=name, kind="agent") for name in ("Same", "Edited", "Missing", "Held")
    )
    connected.settle()
    there = connected.there
    there.edit("Account", edited.pk, PRM_Kind__c="Somebody's")
    there.delete("Account", missing.pk)
    connected.fault("validation", object="Account", message="No", field="Phone", when={"Name": "Held"})
    update_partner(held.pk, phone="1")
    connected.sync(pull=False)
    found = connected.sync(push=False, pull=False, audit=True).audit["partners.partner"]
    assert (found["here"], found["same"], found["different"], found["missing_there"]) == (4, 1, 2, 1)
    reasons = {each["title"]: each["reason"] for each in found["differences"]}
    assert reasons["Held"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION: No"
    assert "only goes there" in reasons["Edited"]
    assert "not in Salesforce" in reasons["Missing"]
    assert same


def test_the_audit_counts_what_is_only_there(connected):
    partner = create_partner(name="A", kind="agent")
    connected.settle()
    Partner.objects.filter(pk=partner.pk).delete()
    connected.settle()
    found = connected.sync(push=False, pull=False, audit=True).audit["partners.partner"]
    assert (found["here"], found["only_there"]) == (0, 1)


def test_adopting_and_starting_by_command(mercy, server, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(server.client_secret)
    options = {"tenant": "mercy", "login_url": server.url, "client_id": server.client_id}
    command("salesforce_connect", client_secret_file=secret, **options)
    command("salesforce_setup", tenant="mercy")
    with tenant_scope(mercy.tenant):
        partner = create_partner(name="Robert Halloran", kind="agent", city="Easton")
    fields = {"Name": "Robert Halloran", "BillingCity": "Dayton"}
    sf_id = server.org.administration.change({"op": "create", "object": "Account", "fields": fields})["id"]
    assert "Accounts: read 1, to decide 1" in command("salesforce_adopt", tenant="mercy")
    assert f"{sf_id}  Robert Halloran = Robert Halloran" in command(
        "salesforce_adopt", tenant="mercy", list="open"
    )
    with pytest.raises(CommandError, match="Not read: 001nobody"):
        command("salesforce_adopt", tenant="mercy", link=["001nobody"])
    out = json.loads(command("salesforce_adopt", tenant="mercy", link=[sf_id], json=True, to=partner.pk))
    assert out == {"decided": 1, "refused": []}
    text = command("salesforce_start", tenant="mercy", dry_run=True)
    assert "Starting would link 1 record" in text
    assert "partners (Account): 1 to link, 1 to change" in text
    assert json.loads(command("salesforce_start", tenant="mercy", json=True))["state"] == "connected"
    assert "resume it" in str(
        _refused(lambda: command("salesforce_pause", tenant="mercy"), "salesforce_start")
    )
    assert "Resumed" in command("salesforce_pause", tenant="mercy", resume=True)
    assert json.loads(command("salesforce_disconnect", tenant="mercy", json=True))["state"] == "disconnected"


def _refused(before, name):
    before()
    with pytest.raises(CommandError) as caught:
        command(name, tenant="mercy")
    return caught.value


def test_an_audit_that_only_looks_needs_no_lane_and_stops_nobody(connected):
    partner = create_partner(name="A", kind="agent", phone="1")
    connected.settle()
    lane = run.Lane(Connection.objects.get())
    assert lane.take()
    update_partner(partner.pk, phone="2")
    SyncState.objects.update(failures=3)
    connected.forget()
    report = connected.sync(push=False, pull=False, audit=True)
    (found,) = report.audit["partners.partner"]["differences"]
    assert (report.failed, found["reason"]) == (False, "Waits to be sent.")
    lane.keep()
    assert (SyncState.objects.get().lane, SyncState.objects.get().failures) == (lane.token, 3)
    assert SyncState.objects.get().our_calls > 0
    assert connected.writes() == []


def test_an_audit_beside_a_sync_gives_the_lane_back_before_it_compares(connected, monkeypatch):
    lanes = []

    def compare(*_):
        with transaction.atomic():
            lanes.append(SyncState.objects.get().lane)
        return {}

    monkeypatch.setattr(run.audit, "compare", compare)
    connected.sync(audit=True)
    assert lanes == [None]


def test_a_look_at_an_organisation_in_trouble_postpones_nothing(connected):
    connected.fault("status", status=503, times=0)
    report = connected.sync(push=False, pull=False, audit=True)
    assert (report.failed, SyncState.objects.get().failures) == (True, 0)
    assert SyncSchedule.objects.get().not_before is None
