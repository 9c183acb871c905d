"""A mistaken link is taken back after the start; a second start, and an adoption that was killed, double nothing."""

import pytest
from django.core.management import call_command

from partners.directory.models import Partner
from partners.directory.service import update_partner
from prm.core.errors import Refused
from prm.salesforce.adoption import service
from prm.salesforce.adoption.service import Answer
from prm.salesforce.engine.models import Connection, Outbox, RecordLink
from prm.salesforce.matches.models import TAKEN_BACK, Match
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire.client import Org
from tests.salesforce.adoption.test_adopting import NPI, account, physician, resting, there
from tests.salesforce.test_apps import make_order

__all__ = ["resting"]
S = Match.State


@pytest.fixture
def linked(resting):
    """One account that was taken for Elena, and is another's; both sides in step."""
    elena = physician("Dr. Elena Marchetti", NPI, phone="555", city="Easton")
    sf_id = account(resting, "Elena Marchetti", AccountNumber=NPI, Website="https://other.example")
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    resting.forget()
    return resting, elena, sf_id


def take_back():
    (look,) = service.look_back([Match.objects.get().pk])
    return look, service.take_back(ids=[look.match.pk])


def test_it_gives_back_what_was_there_and_is_to_decide_again(linked):
    org, elena, sf_id = linked
    order = make_order(elena)
    org.settle()
    look, done = take_back()
    assert done.count == 1 and look.children == 1 and look.is_sent
    shown = {each.label: (each.written, each.before) for each in look.fields}
    assert shown["Phone"] == ("555", "") and shown["City"] == ("Easton", "")
    org.settle()
    assert there(org, sf_id, "PRM_Id__c", "Phone", "BillingCity", "PRM_Kind__c") == [None, None, None, None]
    assert there(org, sf_id, "Name", "Website") == ["Elena Marchetti", "https://other.example"]
    match = Match.objects.get()
    assert (match.state, match.doubt, match.written) == (S.OPEN, TAKEN_BACK, {})
    assert not RecordLink.objects.filter(record_id=elena.pk).exists()
    # What came from there stays here.
    elena.refresh_from_db()
    assert (elena.website, elena.phone, elena.city) == ("https://other.example", "555", "Easton")
    assert org.there.count("Account") == 1 and org.there.one("Opportunity", order.pk)
    org.forget()
    update_partner(elena.pk, city="Dayton")
    org.settle()
    assert org.writes() == [] and org.there.count("Account") == 1


def test_a_state_that_we_wrote_beside_their_country_leaves(resting):
    """Whether it is still ours is seen only together with the country beside it."""
    resting.org.features.turn({"places": True})
    physician("Dr. Elena Marchetti", NPI, country="US", region="Ohio")
    sf_id = account(resting, "Elena Marchetti", AccountNumber=NPI, BillingCountryCode="US")
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    assert there(resting, sf_id, "BillingCountryCode", "BillingStateCode") == ["US", "OH"]
    take_back()
    resting.settle()
    assert there(resting, sf_id, "BillingCountryCode", "BillingStateCode") == ["US", None]


def test_kept_apart_afterwards_it_is_created_and_its_orders_follow(linked):
    org, elena, sf_id = linked
    order = make_order(elena)
    org.settle()
    take_back()
    org.settle()
    service.decide(ids=[Match.objects.get().pk], answer=Answer.APART)
    org.settle()
    mine = org.there.one("Account", elena.pk)["Id"]
    assert mine != sf_id and org.there.count("Account") == 2
    assert org.there.one("Opportunity", order.pk, "AccountId")["AccountId"] == mine
    org.forget()
    org.settle()
    assert org.writes() == []


def test_linked_again_afterwards_it_is_one(linked):
    org, elena, sf_id = linked
    take_back()
    org.settle()
    service.decide(ids=[Match.objects.get().pk], answer=Answer.LINK)
    org.settle()
    assert there(org, sf_id, "PRM_Id__c", "Phone") == [str(elena.pk), "555"]
    assert org.there.count("Account") == 1


def test_reading_again_does_not_take_it_for_certain(linked):
    org, _elena, _sf_id = linked
    take_back()
    org.settle()
    setup_service.read_there()
    assert (Match.objects.get().state, Match.objects.get().doubt) == (S.OPEN, TAKEN_BACK)


def test_what_somebody_changed_there_since_stays(linked):
    org, elena, sf_id = linked
    org.there.edit("Account", elena.pk, Phone="777")
    take_back()
    org.settle()
    assert there(org, sf_id, "PRM_Id__c", "Phone", "BillingCity") == [None, "777", None]


def test_nothing_is_exchanged_between_the_word_and_the_sync(linked):
    org, elena, _sf_id = linked
    take_back()
    org.there.edit("Account", elena.pk, Phone="777")
    update_partner(elena.pk, city="Dayton")
    org.settle()
    assert Partner.objects.get(pk=elena.pk).phone == "555"


def test_it_can_be_kept_after_all_until_it_is_carried_out(linked):
    org, elena, sf_id = linked
    _look, done = take_back()
    assert service.undo(done.batch) == 1
    org.settle()
    assert there(org, sf_id, "PRM_Id__c") == [str(elena.pk)]
    assert (Match.objects.get().state, RecordLink.objects.get(record_id=elena.pk).state) == (
        "linked",
        "linked",
    )


def test_a_lost_answer_leaves_it_to_be_done_again(linked):
    org, _elena, sf_id = linked
    take_back()
    org.fault("lose_after", path="/composite")
    org.sync(patient=True)
    org.settle()
    assert there(org, sf_id, "PRM_Id__c", "Phone") == [None, None]
    assert Match.objects.get().state == S.OPEN and org.there.count("Account") == 1


def test_what_is_gone_there_is_forgotten(linked):
    org, elena, sf_id = linked
    take_back()
    org.there.call("DELETE", f"sobjects/Account/{sf_id}")
    org.settle()
    assert not Match.objects.exists()
    org.settle()
    assert org.there.one("Account", elena.pk) and org.there.count("Account") == 1


def test_only_links_are_taken_back(linked):
    match = Match.objects.get()
    Match.objects.update(state=S.APART)
    done = service.take_back(ids=[match.pk])
    assert (done.count, done.refused) == (0, ["Elena Marchetti: it is not linked."])
    with pytest.raises(Refused, match="at most 1,000"):
        service.take_back(ids=[match.pk] * 1001)


def test_the_command_says_what_it_does(linked, capsys):
    org, _elena, sf_id = linked
    call_command("salesforce_adopt", "--tenant", "mercy", "--take-back", sf_id)
    said = capsys.readouterr().out
    assert "Phone: “555” becomes “” there" in said and "1 link is taken back" in said
    org.settle()
    assert Match.objects.get().doubt == TAKEN_BACK


def test_the_page_shows_it_first(linked, mercy, client_for):
    _org, elena, _sf_id = linked
    client = client_for(mercy.administrator)
    url = f"/t/mercy/salesforce/adopt/{Match.objects.get().pk}/take-back/"
    shown = client.get(url).content.decode()
    assert "What we wrote" in shown and elena.name in shown
    assert client.post(url).status_code == 302
    assert Match.objects.get().state == S.UNDOING
    assert client.get(url).status_code == 404


# --- a second start, and a kill on the way --------------------------------------------------------------


def test_a_second_start_after_disconnecting_doubles_nothing(linked):
    org, elena, sf_id = linked
    setup_service.disconnect()
    update_partner(elena.pk, city="Dayton")
    setup_service.connect(
        login_url=org.server.url, client_id=org.server.client_id, client_secret=org.server.client_secret
    )
    assert Connection.objects.get().is_resting
    setup_service.read_there()
    outcome = setup_service.try_start()
    assert (outcome.objects[0].create, outcome.objects[0].link) == (0, 0)
    setup_service.start()
    org.settle()
    assert there(org, sf_id, "PRM_Id__c", "BillingCity") == [str(elena.pk), "Dayton"]
    assert org.there.count("Account") == 1


def test_a_second_start_after_a_pause_goes_on(linked):
    org, elena, sf_id = linked
    setup_service.pause()
    update_partner(elena.pk, city="Dayton")
    with pytest.raises(Refused, match="started before"):
        setup_service.start()
    setup_service.resume()
    org.settle()
    assert there(org, sf_id, "BillingCity") == ["Dayton"] and org.there.count("Account") == 1


class Killed(BaseException):
    """As the end of a process, at any moment."""


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_an_adoption_killed_half_way_goes_on_and_doubles_nothing(resting, calls):
    names = ("One Able", "Two Baker", "Three Charlie")
    ids = {}
    for place, name in enumerate(names):
        physician(name, phone=f"555 010 000{place}", city="Easton")
        ids[name] = account(resting, name, Phone=f"555 010 000{place}", BillingCity="Easton")
    physician("Only Here")
    setup_service.read_there()
    setup_service.start()

    made, real = [], Org.bundle

    def bundle(self, parts):
        answer = real(self, parts)
        made.append(parts)
        if len(made) == calls:
            raise Killed
        return answer

    patch = pytest.MonkeyPatch()
    patch.setattr(Org, "bundle", bundle)
    try:
        with pytest.raises(Killed):
            resting.sync()
    finally:
        patch.undo()
    Outbox.objects.update(claim=None, claimed_until=None)
    resting.settle()
    resting.settle()
    assert resting.there.count("Account") == 4
    for name, sf_id in ids.items():
        partner = Partner.objects.get(name=name)
        assert there(resting, sf_id, "PRM_Id__c") == [str(partner.pk)]
    resting.forget()
    resting.settle()
    assert resting.writes() == []


def test_whose_value_is_taken_at_the_start_is_said_before_it(resting, capsys):
    physician("Dr. Elena Marchetti", NPI)
    call_command("salesforce_start", "--tenant", "mercy", "--dry-run")
    said = capsys.readouterr().out
    assert (
        "Partners that are linked: where both sides have a value, Salesforce’s value is taken for Name, Phone"
        in said
    )
    assert "you are asked about Specialty" in said and "only yours counts for Kind" not in said
    assert "only yours counts for Partner kind, Level" in said
