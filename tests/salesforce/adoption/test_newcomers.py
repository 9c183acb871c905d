"""Accounts that are made there later: they wait, or arrive here as partners when the scope says so, never doubled."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from partners.directory.models import Partner
from prm.core.clock import now
from prm.core.errors import Refused
from prm.salesforce.adoption import newcomers, reading
from prm.salesforce.adoption import service as adoption
from prm.salesforce.engine.models import Outbox, PullCursor, RecordLink
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.mapping.choices import ScopeChoice, TakesChoice
from prm.salesforce.mapping.models import ObjectDescription
from prm.salesforce.matches.models import TAKEN_BACK, Match
from prm.salesforce.setup import service as setup_service
from prm.salesforce.setup.tasks import look_for_newcomers
from tests.conftest import as_a_worker
from tests.salesforce.adoption.test_adopting import NPI, account, physician, resting, there

__all__ = ["resting"]
PARTNER = "partners.partner"
S = Match.State


@pytest.fixture
def started(resting):
    """Started, with nothing there and nothing here."""
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    resting.forget()
    return resting


def look():
    """As the schedule does it."""
    with as_a_worker():
        return newcomers.look()


def take(**chosen):
    service.choose_scope(key=PARTNER, scope=ScopeChoice(), takes=TakesChoice(on=True, **chosen))
    service.put_in_force()


def states():
    return dict(Match.objects.values_list("name", "state"))


def test_they_wait_in_the_list_as_long_as_nobody_wants_them(started):
    account(started, "Somebody New")
    found = look()
    assert (found.read, found.linked, found.made, found.waiting) == (1, 0, 0, 1)
    started.settle()
    assert states() == {"Somebody New": S.NEW} and not Partner.objects.exists()
    assert started.writes() == []


def test_they_become_partners_when_the_scope_says_so(started):
    take(sort="hospital")
    sf_id = account(started, "Lakeview Hospital", Phone="555", BillingCity="Lakeview")
    assert look().made == 1
    started.settle()
    partner = Partner.objects.get()
    assert (partner.name, partner.kind, partner.phone, partner.city) == (
        "Lakeview Hospital", "hospital", "555", "Lakeview",
    )  # fmt: skip
    assert there(started, sf_id, "PRM_Id__c", "PRM_Kind__c") == [str(partner.pk), "Hospital"]
    assert started.there.count("Account") == 1
    assert look().made == 0 and Partner.objects.count() == 1
    started.forget()
    started.settle()
    assert started.writes() == []


def test_what_is_one_of_ours_is_linked_and_what_may_be_waits(started):
    take(sort="physician")
    elena = physician("Dr. Elena Marchetti", NPI)
    started.settle()
    # Of ours that is there already, another account is to decide; a new partner here is linked with its account.
    account(started, "E. Marchetti", AccountNumber=NPI)
    assert look().made == 0
    assert states() == {"E. Marchetti": S.OPEN}
    assert Partner.objects.get() == elena


def test_a_partner_that_was_not_sent_yet_is_linked(started):
    take(sort="physician")
    elena = physician("Dr. Elena Marchetti", NPI)
    sf_id = account(started, "E. Marchetti", AccountNumber=NPI)
    assert look().linked == 1
    started.settle()
    assert there(started, sf_id, "PRM_Id__c") == [str(elena.pk)]
    assert started.there.count("Account") == 1 and Partner.objects.count() == 1


def test_the_kind_goes_by_record_type_and_none_waits(started):
    ObjectDescription.objects.update_or_create(
        sobject="Account",
        defaults={"record_types": {"Clinic": "012000000000001AAA", "Vendor": "012000000000002AAA"}},
    )
    rows = [
        Match(name="A", values={"RecordTypeId": "012000000000001AAA"}),
        Match(name="B", values={"RecordTypeId": "012000000000002AAA"}),
        Match(name="C", values={}),
    ]
    takes = TakesChoice(on=True, sort="physician", by_record_type={"Clinic": "hospital", "Vendor": ""})
    types = {"012000000000001AAA": "Clinic", "012000000000002AAA": "Vendor"}
    assert [newcomers._sort(row, takes, types) for row in rows] == ["hospital", "", "physician"]


def test_what_cannot_be_made_is_to_decide_with_the_reason(started, monkeypatch):
    take(sort="physician")
    sf_id = account(started, "Somebody New")
    real = newcomers._take

    def refuse(_sort, _name):
        raise Refused("A partner needs a name.")

    monkeypatch.setattr(
        newcomers, "_take", lambda one, making, takes: real(one, replace(making, make=refuse), takes)
    )
    assert look().made == 0
    match = Match.objects.get(sf_id=sf_id)
    assert (match.state, match.doubt, match.reason) == (S.OPEN, newcomers.REFUSED, "A partner needs a name.")
    assert not RecordLink.objects.exists()


def test_a_kill_between_two_of_them_doubles_none(started, monkeypatch):
    take(sort="physician")
    for number in range(3):
        account(started, f"Somebody {number}")
    real, made = newcomers._make, []

    def make(*given):
        if len(made) == 1:
            raise KeyboardInterrupt
        made.append(given)
        return real(*given)

    monkeypatch.setattr(newcomers, "_make", make)
    with pytest.raises(KeyboardInterrupt):
        look()
    monkeypatch.undo()
    look()
    started.settle()
    assert Partner.objects.count() == 3 and started.there.count("Account") == 3


def test_what_is_saved_while_a_long_look_reads_is_found_by_the_next(started, monkeypatch):
    real = reading.read_new

    def slow(*given, **more):
        found = real(*given, **more)
        later = time.monotonic() + 3600
        monkeypatch.setattr(newcomers.time, "monotonic", lambda: later)
        return found

    before = now()
    monkeypatch.setattr(reading, "read_new", slow)
    newcomers.look()
    monkeypatch.undo()
    cursor = PullCursor.objects.get(sobject="Account")
    # An hour was read: what was saved in it, and a quarter of an hour before, is read again.
    assert cursor.newcomers_to < before - timedelta(minutes=55)


def test_what_is_read_twice_has_no_second_consequence(started):
    take(sort="physician")
    account(started, "Made twice")
    for _ in range(3):
        # As though it was never seen: the overlap reads it again.
        PullCursor.objects.filter(sobject="Account").update(newcomers_to=now() - timedelta(hours=1))
        newcomers.look()
        started.settle()
    assert Partner.objects.count() == started.there.count("Account") == Match.objects.count() == 1
    sf_id = account(started, "Kept apart", AccountNumber="none")
    take()
    PullCursor.objects.update(newcomers_to=now() - timedelta(hours=1))
    newcomers.look()
    adoption.decide(ids=[Match.objects.get(sf_id=sf_id).pk], answer=adoption.Answer.APART)
    PullCursor.objects.update(newcomers_to=now() - timedelta(hours=1))
    take(sort="physician")
    assert newcomers.look().made == 0
    assert Match.objects.get(sf_id=sf_id).state == S.APART and Partner.objects.count() == 1


def test_taken_back_it_is_not_taken_again(started):
    take(sort="physician")
    account(started, "Somebody New")
    look()
    started.settle()
    adoption.take_back(ids=[Match.objects.get().pk])
    started.settle()
    assert look().made == 0
    assert Match.objects.get().doubt == TAKEN_BACK and Partner.objects.count() == 1


def test_nothing_is_looked_for_while_it_rests_or_is_paused(started):
    take(sort="physician")
    account(started, "Somebody New")
    setup_service.pause()
    started.forget()
    look_for_newcomers()
    assert started.entries() == [] and not Match.objects.exists()


def test_a_look_is_a_few_calls_and_reads_only_what_is_new(started):
    look()
    for number in range(5):
        account(started, f"Somebody {number}")
    look()
    # Of accounts and of contacts what is new, and what each looks like; the signing in.
    assert look().calls <= 5
    assert not Outbox.objects.exists()


def test_choosing_it_is_said_in_words_and_checked(started):
    draft = service.choose_scope(
        key=PARTNER,
        scope=ScopeChoice(),
        takes=TakesChoice(on=True, sort="physician", by_record_type={"Vendor": ""}),
    )
    assert draft.summary == "made there: Vendor waits; else Physician instead of they wait in the list."
    assert looking.draft() is not None
    with pytest.raises(Refused, match="Kind: “wizard” is none that there is"):
        service.choose_scope(key=PARTNER, scope=ScopeChoice(), takes=TakesChoice(on=True, sort="wizard"))
    with pytest.raises(Refused, match="Orders that are made there do not come here"):
        service.choose_scope(key="orders.order", scope=ScopeChoice(), takes=TakesChoice(on=True))


def test_the_page_and_the_command(started, mercy, client_for, capsys):
    client = client_for(mercy.administrator)
    url = "/t/mercy/salesforce/mapping/scope/?object=partners.partner"
    assert "What is made in Salesforce later comes here" in client.get(url).content.decode()
    answer = client.post(
        url, {"which": "some", "kinds": ["physician"], "takes": "on", "takes_as": "physician"}
    )
    assert answer.status_code == 302
    chosen = service.drafted().of(PARTNER)
    assert chosen.scope == ScopeChoice(only={"kinds": ("physician",)}) and chosen.takes.on
    service.put_in_force()
    account(started, "Somebody New")
    call_command("salesforce_adopt", "--tenant", "mercy", "--new")
    assert "0 linked, 1 made here, 0 wait" in capsys.readouterr().out
