"""Here → Salesforce."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection as database

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core import clock
from prm.salesforce.engine import push, queue
from prm.salesforce.engine.models import Outbox
from prm.salesforce.inbox import service as inbox_service
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire.client import Org
from prm.tenancy.context import tenant_scope


def make(name="Dr. Chow", **details):
    return create_partner(name=name, kind="physician", **details)


@pytest.fixture
def sent(monkeypatch):
    """Every record handed to a collections call, in order."""
    records = []
    upsert = Org.write

    def spy(self, sobject, key, batch, **reads):
        records.extend((sobject, record) for record in batch)
        return upsert(self, sobject, key, batch, **reads)

    monkeypatch.setattr(Org, "write", spy)
    return records


@pytest.fixture
def later(clock_at):
    """``later(minutes=1)`` moves our clock on, not the org's."""
    return lambda **delta: clock_at(clock.now() + timedelta(**delta))


def test_a_new_partner_becomes_an_account(connected):
    partner = make(phone="555 0100", city="Easton")
    report = connected.sync()
    assert report.pushed["partners.partner"] == {"created": 1}
    row = connected.there.one("Account", partner.pk, "Name", "Phone", "BillingCity", "PRM_Kind__c")
    assert (row["Name"], row["Phone"], row["BillingCity"]) == ("Dr. Chow", "555 0100", "Easton")
    assert row["PRM_Kind__c"] == "Physician"


def test_a_second_push_writes_nothing(connected):
    make()
    connected.settle()
    connected.forget()
    connected.sync()
    assert connected.writes() == []
    assert connected.dirty() == 0


def test_only_changed_fields_are_sent(connected, sent):
    partner = make(phone="1")
    connected.settle()
    sent.clear()
    update_partner(partner.pk, phone="2")
    connected.sync()
    assert sent == [("Account", {"PRM_Id__c": str(partner.pk), "Phone": "2"})]


def test_an_emptied_field_is_emptied_there(connected):
    partner = make(phone="1")
    connected.settle()
    update_partner(partner.pk, phone="")
    connected.sync()
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] is None


def test_bulk_sql_is_sent_too(connected):
    partners = [make(f"P{number}") for number in range(3)]
    connected.settle()
    Partner.objects.filter(pk__in=[p.pk for p in partners]).update(phone="9")
    report = connected.sync()
    assert report.pushed["partners.partner"]["updated"] == 3


def test_an_account_waits_for_nothing_and_its_organisation_follows(connected):
    practice = create_partner(name="Zeta Practice", kind="practice")
    partner = make("Dr. A", organisation=practice)
    connected.settle()
    there = connected.there
    assert there.one("Account", partner.pk, "ParentId")["ParentId"] == there.one("Account", practice.pk)["Id"]
    assert connected.dirty() == 0


def test_the_answer_lost_after_commit_makes_no_second_record(connected):
    partner = make()
    connected.fault("lose_after", method="PATCH", object="Account")
    connected.sync()
    assert connected.there.count("Account") == 1
    assert connected.dirty() == 0
    written = connected.org.log.report()
    assert written["records_written"] == 1, written["written_more_than_once"]
    assert connected.there.one("Account", partner.pk)["Name"] == "Dr. Chow"


def test_a_request_lost_before_it_arrived_is_sent_again(connected):
    partner = make()
    connected.fault("lose_before", method="PATCH", object="Account")
    connected.sync()
    assert connected.there.one("Account", partner.pk)["Name"] == "Dr. Chow"


def test_our_newer_value_survives_a_lost_answer(connected, monkeypatch):
    """The write landed, its answer was lost, and meanwhile a person here changed the value again."""
    partner = make(phone="1")
    connected.settle()
    update_partner(partner.pk, phone="2")
    upsert = Org.write

    def lose(self, *args, **reads):
        answer = upsert(self, *args, **reads)
        monkeypatch.setattr(Org, "write", upsert)
        update_partner(partner.pk, phone="3")
        from prm.salesforce.wire.errors import UnknownOutcome

        assert answer.results[0].success
        raise UnknownOutcome("lost")

    monkeypatch.setattr(Org, "write", lose)
    connected.settle()
    assert Partner.objects.get(pk=partner.pk).phone == "3"
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == "3"
    assert connected.conflicts() == []


def test_a_validation_rule_holds_one_row_and_no_other(connected):
    partners = [make(f"P{number:03}") for number in range(60)]
    bad = partners[17]
    connected.fault(
        "validation", object="Account", when={"Name": bad.name}, message="Not in this quarter", field="Name"
    )
    report = connected.sync()
    assert report.pushed["partners.partner"] == {"created": 59, "failed": 1}
    (problem,) = connected.problems()
    assert (problem.record_id, problem.code) == (bad.pk, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert problem.message == "Not in this quarter"
    assert [entry["records"] for entry in connected.writes()] == [60]


def test_a_held_row_is_not_hammered_and_goes_when_the_data_changes(connected):
    bad = make("Bad")
    connected.fault("validation", object="Account", when={"Name": "Bad"}, message="No", field="Name")
    connected.sync()
    connected.forget()
    for _ in range(3):
        connected.sync()
    assert connected.writes() == []
    update_partner(bad.pk, name="Good")
    connected.sync()
    assert connected.problems() == []
    assert connected.there.one("Account", bad.pk)["Name"] == "Good"


def test_a_held_row_goes_by_hand_once_the_rule_is_gone(connected):
    make("Bad")
    connected.fault("validation", object="Account", when={"Name": "Bad"}, message="No", field="Name")
    connected.sync()
    connected.org.faults.clear()
    assert inbox_service.try_again() == 1
    connected.sync()
    assert connected.problems() == []
    assert connected.there.count("Account") == 1


def test_a_locked_row_is_tried_again_with_pauses(connected, later):
    make()
    connected.fault("row_lock", object="Account", times=2)
    connected.sync()
    assert [problem.kind for problem in connected.problems()] == ["later"]
    for minutes in (1, 2):
        later(minutes=minutes)
        connected.sync()
    assert connected.problems() == []
    assert connected.there.count("Account") == 1


def test_the_token_dies_in_the_middle(connected):
    make()
    connected.fault("token_death", method="PATCH", object="Account")
    report = connected.sync()
    assert report.pushed["partners.partner"] == {"created": 1}
    tokens = [entry for entry in connected.entries() if entry["endpoint"] == "token"]
    assert len(tokens) == 1


@pytest.mark.parametrize("kind", ["html", "truncate"])
def test_a_strange_answer_loses_nothing(connected, kind):
    make()
    connected.fault(kind, method="PATCH", object="Account")
    connected.sync()
    assert connected.there.count("Account") == 1
    assert connected.dirty() == 0


def test_the_daily_limit_pauses_and_keeps_the_queue(connected, later):
    make()
    connected.fault("limit_daily", times="always")
    report = connected.sync()
    assert report.failed
    assert "REQUEST_LIMIT_EXCEEDED" in report.message
    assert connected.dirty() == 1
    connected.org.faults.clear()
    later(hours=1)
    connected.sync()
    assert connected.there.count("Account") == 1


def test_too_many_at_once_is_passing_trouble(connected):
    make()
    connected.fault("limit_concurrent", times=1)
    report = connected.sync()
    assert not report.failed
    assert connected.there.count("Account") == 1


def test_a_worker_killed_between_call_and_storing(connected, monkeypatch, later):
    """SIGKILL cannot be caught: nothing after the call runs, and the claim runs out later."""
    partner = make()

    class Killed(BaseException):
        pass

    from prm.salesforce.engine.results import Results

    with monkeypatch.context() as patch:
        patch.setattr(Results, "store", lambda *args: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            connected.sync()
    later(minutes=10)
    connected.sync()
    assert connected.there.count("Account") == 1
    assert connected.org.log.report()["records_written"] == 1
    assert connected.there.one("Account", partner.pk)["Name"] == "Dr. Chow"
    assert connected.dirty() == 0


def test_a_change_during_the_call_is_sent_afterwards(connected, monkeypatch):
    partner = make(phone="1")
    upsert = Org.write

    def change_meanwhile(self, *args, **reads):
        monkeypatch.setattr(Org, "write", upsert)
        answer = upsert(self, *args, **reads)
        update_partner(partner.pk, phone="2")
        return answer

    monkeypatch.setattr(Org, "write", change_meanwhile)
    connected.sync()
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == "2"


def test_two_edits_before_a_push_are_one_record(connected, sent):
    partner = make()
    connected.settle()
    sent.clear()
    update_partner(partner.pk, phone="1")
    update_partner(partner.pk, phone="2")
    connected.sync()
    assert len(sent) == 1


def test_a_deleted_partner_stays_in_salesforce(connected):
    partner = make()
    connected.settle()
    Partner.objects.filter(pk=partner.pk).delete()
    connected.settle()
    assert connected.there.count("Account") == 1
    assert connected.dirty() == 0


def test_an_account_deleted_there_is_not_created_again_by_itself(connected):
    partner = make()
    connected.settle()
    connected.there.delete("Account", partner.pk)
    connected.sync(patient=True)
    update_partner(partner.pk, phone="2")
    connected.settle()
    assert connected.there.count("Account") == 0
    assert [problem.kind for problem in connected.problems()] == ["deleted_there"]
    assert inbox_service.create_again(mapping="partners.partner", record_ids=[partner.pk]) == 1
    connected.sync()
    assert connected.there.one("Account", partner.pk, "Phone")["Phone"] == "2"
    assert connected.problems() == []


def test_200_records_per_call(connected):
    for number in range(410):
        make(f"P{number}")
    connected.sync()
    assert [entry["records"] for entry in connected.writes()] == [200, 200, 10]


def test_nothing_is_captured_without_a_connection(bound):
    make()
    assert Outbox.objects.count() == 0


def test_what_was_there_before_is_sent_once_the_connection_is_started(bound, server):
    make()
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )
    make("Dr. Day")
    assert Outbox.objects.count() == 0
    setup_service.start()
    assert Outbox.objects.filter(mapping="partners.partner").count() == 2


@pytest.fixture
def meanwhile(connected, monkeypatch):
    """``meanwhile(partner, Phone=…)``: the org's administrator changes it after our first batch."""
    monkeypatch.setattr(push, "BATCH", 2)
    waiting, upsert = [], Org.write

    def then(self, *args, **reads):
        results = upsert(self, *args, **reads)
        while waiting:
            connected.org.administration.change(waiting.pop())
        return results

    monkeypatch.setattr(Org, "write", then)

    def register(partner, **fields):
        row = connected.there.one("Account", partner.pk)
        waiting.append({"object": "Account", "id": row["Id"], "fields": fields})

    return register


def test_a_long_push_sees_what_others_change_meanwhile(connected, meanwhile):
    partners = [make(name=f"P{n}", phone="1") for n in range(6)]
    connected.settle()
    for partner in partners:
        update_partner(partner.pk, phone="2")
    meanwhile(partners[0], Phone="3")  # the latest change goes first, so this one is still to come
    connected.forget()
    connected.sync(push=True, pull=False)
    (conflict,) = connected.conflicts()
    assert (conflict.record_id, conflict.ours, conflict.theirs) == (partners[0].pk, "2", "3")


def test_a_long_push_takes_one_call_per_batch(connected, meanwhile):
    partners = [make(name=f"P{n}", phone="1") for n in range(6)]
    connected.settle()
    for partner in partners:
        update_partner(partner.pk, phone="2")
    connected.forget()
    report = connected.sync(push=True, pull=False)
    assert report.pushed["partners.partner"] == {"updated": 6}
    assert [entry["endpoint"] for entry in connected.entries()] == ["queryAll"] + ["composite"] * 3
    connected.forget()
    connected.sync()
    assert connected.writes() == []


@pytest.mark.django_db(transaction=True)
def test_a_bulk_edit_and_a_sync_wait_for_nothing_of_each_other(connected, bound, monkeypatch):
    """The edit writes one row before the batch is planned and the next one after: neither may end in a deadlock."""
    first, second = make("First"), make("Second")
    edited, locked, renewed = Event(), Event(), queue.renewed

    def edit():
        try:
            with tenant_scope(bound.tenant):
                Partner.objects.filter(pk=first.pk).update(name="First anew")
                edited.set()
                assert locked.wait(20)
                Partner.objects.filter(pk=second.pk).update(name="Second anew")
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        editing = []

        def interrupted(rows):
            if not editing:
                editing.append(pool.submit(edit))
                assert edited.wait(20)
            found = renewed(rows)
            locked.set()
            return found

        monkeypatch.setattr(queue, "renewed", interrupted)
        connected.sync()
        editing[0].result(timeout=30)
    connected.settle()
    with tenant_scope(bound.tenant):
        assert connected.dirty() == 0
    assert sorted(row["Name"] for row in connected.there.query("SELECT Name FROM Account")) == [
        "First anew",
        "Second anew",
    ]
