"""The people at a partner as contacts in the organisation, both ways."""

import pytest

from partners.contacts.models import Contact
from partners.contacts.service import add_contact, change_contact, remove_contact
from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.inbox import service as inbox_service
from prm.salesforce.mapping.choices import FieldChoice
from prm.salesforce.matches.models import Match
from prm.salesforce.setup import service as setup_service
from tests.salesforce.owners.test_service import read, user
from tests.salesforce.test_apps import make_visit

NAMES = ("FirstName", "LastName")


@pytest.fixture
def chow(connected):
    return create_partner(name="Dr. Chow", kind="physician")


def contact_there(link, contact, *fields):
    row = link.there.one("Contact", contact.pk, *(fields or NAMES))
    return [row[name] for name in fields or NAMES]


def account(link, partner):
    return link.there.one("Account", partner.pk)["Id"]


def audited(link):
    found = link.sync(push=False, pull=False, audit=True).audit["partners.contact"]
    return found["different"], found["missing_there"], found["only_there"]


def settled(link):
    """Both sides agree, nothing more is written, and nothing is said to be wrong."""
    link.settle()
    link.forget()
    link.settle()
    assert link.writes() == []
    assert audited(link) == (0, 0, 0)
    assert not link.problems()


# --- there ----------------------------------------------------------------------------------------


def test_somebody_at_a_partner_is_a_contact_of_its_account(connected, chow):
    ann = add_contact(
        chow.pk,
        name="Dr. Ann Lee, RN",
        role="Practice manager",
        phone="555 1",
        email="ann@chow.example",
        is_preferred=True,
    )
    settled(connected)
    assert contact_there(
        connected,
        ann,
        "FirstName",
        "LastName",
        "Name",
        "Title",
        "Phone",
        "Email",
        "PRM_Preferred__c",
        "AccountId",
    ) == [
        "Ann",
        "Lee",
        "Ann Lee",
        "Practice manager",
        "555 1",
        "ann@chow.example",
        True,
        account(connected, chow),
    ]


def test_a_single_name_is_a_last_name_which_salesforce_requires(connected, chow):
    cher = add_contact(chow.pk, name="Cher")
    settled(connected)
    assert contact_there(connected, cher) == [None, "Cher"]


def test_a_long_name_is_cut_there_and_stays_whole_here(connected, chow):
    long = add_contact(chow.pk, name=f"{'A' * 60} {'B' * 100}")
    settled(connected)
    first, last = contact_there(connected, long)
    assert (len(first), len(last)) == (40, 80)
    connected.there.edit("Contact", long.pk, Title="Nurse")
    settled(connected)
    long.refresh_from_db()
    assert (long.name, long.role) == (f"{'A' * 60} {'B' * 100}", "Nurse")


def test_the_one_preferred_before_is_not_preferred_there_any_more(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee", is_preferred=True)
    connected.settle()
    ben = add_contact(chow.pk, name="Ben Ho", is_preferred=True)
    settled(connected)
    assert contact_there(connected, ann, "PRM_Preferred__c") == [False]
    assert contact_there(connected, ben, "PRM_Preferred__c") == [True]


def test_who_goes_to_another_partner_goes_to_its_account(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    other = create_partner(name="Dr. Demir", kind="physician")
    connected.settle()
    Contact.objects.filter(pk=ann.pk).update(partner=other)
    settled(connected)
    assert contact_there(connected, ann, "AccountId") == [account(connected, other)]


def test_who_is_removed_here_stays_there_with_what_hangs_on_them(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    connected.settle()
    remove_contact(ann.pk)
    connected.settle()
    assert connected.there.count("Contact") == 1
    assert RecordLink.objects.get(record_id=ann.pk).state == RecordLink.State.GONE_HERE


def test_a_contact_waits_for_its_partner(connected, chow):
    connected.fault("validation", object="Account", when={"Name": "Dr. Chow"}, message="No", field="Name")
    add_contact(chow.pk, name="Ann Lee")
    report = connected.sync()
    assert connected.there.count("Contact") == 0
    assert "Waits for partner Dr. Chow." in {waits["reason"] for waits in report.waiting}
    connected.org.faults.clear()
    inbox_service.try_again()
    settled(connected)
    assert connected.there.count("Contact") == 1


def test_a_new_contact_belongs_to_the_rep_and_after_that_to_whom_they_give_it(connected, chow, bound):
    mary, boss = (user(connected, email) for email in (bound.rep.user.email, "boss@x.example"))
    read(connected)
    update_partner(chow.pk, rep=bound.rep)
    ann = add_contact(chow.pk, name="Ann Lee")
    settled(connected)
    assert contact_there(connected, ann, "OwnerId") == [mary]
    connected.there.edit("Contact", ann.pk, OwnerId=boss)
    change_contact(ann.pk, role="Nurse")
    settled(connected)
    assert contact_there(connected, ann, "OwnerId", "Title") == [boss, "Nurse"]


# --- here -----------------------------------------------------------------------------------------


def test_what_is_changed_there_comes_here(connected, chow):
    ann = add_contact(chow.pk, name="Dr. Ann Lee, RN", phone="1")
    connected.settle()
    connected.there.edit(
        "Contact", ann.pk, LastName="Lee-Roth", Title="Head nurse", Phone="2", Email="ann@roth.example"
    )
    settled(connected)
    ann.refresh_from_db()
    assert (ann.name, ann.role, ann.phone, ann.email) == (
        "Dr. Ann Lee-Roth, RN", "Head nurse", "2", "ann@roth.example",
    )  # fmt: skip


def test_a_name_that_is_divided_otherwise_there_is_the_same_name(connected, chow):
    ann = add_contact(chow.pk, name="Mary Ann Lee")
    connected.settle()
    connected.there.edit("Contact", ann.pk, FirstName="Mary", LastName="Ann Lee")
    settled(connected)
    ann.refresh_from_db()
    assert ann.name == "Mary Ann Lee"
    # Something else changes here: their division stays.
    change_contact(ann.pk, role="Nurse")
    settled(connected)
    assert contact_there(connected, ann) == ["Mary", "Ann Lee"]
    # One of the two changes there: the other one is theirs, too.
    connected.there.edit("Contact", ann.pk, LastName="Ann Leigh")
    settled(connected)
    ann.refresh_from_db()
    assert ann.name == "Mary Ann Leigh"
    assert not connected.conflicts()


def test_a_name_changed_on_both_sides_is_theirs_and_ours_is_kept(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee", phone="1")
    connected.settle()
    change_contact(ann.pk, name="Ann Roth", phone="2")
    connected.there.edit("Contact", ann.pk, LastName="Leigh", Phone="3")
    settled(connected)
    ann.refresh_from_db()
    assert (ann.name, ann.phone) == ("Ann Leigh", "3")
    assert {(one.there, one.ours, one.theirs) for one in connected.conflicts()} == {
        ("LastName", "Roth", "Leigh"), ("Phone", "2", "3"),
    }  # fmt: skip


def test_both_names_changed_each_on_one_side_are_both_taken(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    connected.settle()
    change_contact(ann.pk, name="Anna Lee")
    connected.there.edit("Contact", ann.pk, LastName="Leigh")
    settled(connected)
    ann.refresh_from_db()
    assert ann.name == "Anna Leigh"
    assert contact_there(connected, ann) == ["Anna", "Leigh"]


def test_who_is_moved_to_another_account_there_moves_here_and_is_not_a_second_preferred_one(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee", is_preferred=True)
    other = create_partner(name="Dr. Demir", kind="physician")
    ben = add_contact(other.pk, name="Ben Ho", is_preferred=True)
    connected.settle()
    connected.there.edit("Contact", ann.pk, AccountId=account(connected, other))
    settled(connected)
    ann.refresh_from_db()
    ben.refresh_from_db()
    assert (ann.partner_id, ann.is_preferred, ben.is_preferred) == (other.pk, False, True)
    assert contact_there(connected, ann, "PRM_Preferred__c") == [False]


def test_who_is_moved_to_an_account_that_is_nobody_here_stays_and_it_is_said(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    connected.settle()
    foreign = connected.there.call("POST", "sobjects/Account", json={"Name": "Elsewhere"})["id"]
    connected.there.edit("Contact", ann.pk, AccountId=foreign)
    connected.settle()
    ann.refresh_from_db()
    assert ann.partner_id == chow.pk
    (problem,) = connected.problems()
    assert (problem.field, "no partner here is" in problem.message) == ("AccountId", True)
    connected.there.edit("Contact", ann.pk, AccountId=None)
    connected.settle()
    (problem,) = connected.problems()
    assert "belongs to a partner here" in problem.message


def test_what_does_not_fit_here_is_said_by_its_field_and_the_rest_is_taken(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee", role="Nurse")
    connected.settle()
    connected.there.edit("Contact", ann.pk, Title="x" * 125, Phone="7")
    connected.settle()
    ann.refresh_from_db()
    assert (ann.role, ann.phone) == ("Nurse", "7")
    assert [one.field for one in connected.problems()] == ["Title"]


# --- faults ---------------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_contact(connected, chow):
    connected.settle()
    add_contact(chow.pk, name="Ann Lee")
    connected.fault("lose_after", path="/composite")
    connected.sync(patient=True)
    settled(connected)
    assert connected.there.count("Contact") == 1


def test_who_is_deleted_there_is_said_and_not_made_again_by_itself(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    connected.settle()
    connected.there.delete("Contact", ann.pk)
    change_contact(ann.pk, role="Nurse")
    connected.settle()
    assert connected.there.count("Contact") == 0
    (problem,) = connected.problems()
    assert (problem.code, problem.title) == ("ENTITY_IS_DELETED", "Ann Lee")
    inbox_service.create_again(mapping="partners.contact", record_ids=[ann.pk])
    settled(connected)
    assert contact_there(connected, ann, "Name") == ["Ann Lee"]


def test_an_account_deleted_there_takes_its_contacts_along_and_brings_them_back(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    connected.settle()
    sf_id = account(connected, chow)
    connected.there.delete("Account", chow.pk)
    connected.settle()
    assert RecordLink.objects.get(record_id=ann.pk).state == RecordLink.State.DELETED_THERE
    connected.org.administration.change({"op": "undelete", "id": sf_id})
    settled(connected)
    assert contact_there(connected, ann, "AccountId") == [sf_id]


def test_who_is_merged_into_another_of_ours_there_is_said_and_what_is_theirs_goes_to_the_survivor(
    connected, chow, bound
):
    ann, anne = (add_contact(chow.pk, name=name) for name in ("Ann Lee", "Anne Lee"))
    visit = make_visit(chow, bound.rep, met=ann)
    connected.settle()
    ids = {one.pk: connected.there.one("Contact", one.pk)["Id"] for one in (ann, anne)}
    connected.org.administration.change({"op": "merge", "id": ids[anne.pk], "losers": [ids[ann.pk]]})
    connected.settle()
    (problem,) = connected.problems()
    assert (problem.code, problem.title) == ("MERGED", "Ann Lee")
    assert connected.there.one("Event", visit.pk, "WhoId")["WhoId"] == ids[anne.pk]
    assert connected.there.count("Contact") == 1


def test_who_is_merged_into_a_contact_that_is_nobody_here_is_that_one_from_then_on(connected, chow):
    ann = add_contact(chow.pk, name="Ann Lee")
    connected.settle()
    old = connected.there.one("Contact", ann.pk)["Id"]
    foreign = connected.there.call(
        "POST",
        "sobjects/Contact",
        json={"LastName": "Leigh", "FirstName": "Ann", "AccountId": account(connected, chow)},
    )["id"]
    connected.org.administration.change({"op": "merge", "id": foreign, "losers": [old]})
    settled(connected)
    ann.refresh_from_db()
    assert ann.name == "Ann Leigh"
    assert connected.there.one("Contact", ann.pk)["Id"] == foreign


def test_a_contact_made_there_later_is_left_alone_and_listed_when_it_is_read(connected, chow):
    connected.settle()
    connected.there.call(
        "POST", "sobjects/Contact", json={"LastName": "Roe", "AccountId": account(connected, chow)}
    )
    connected.settle()
    assert not Contact.objects.exists()
    setup_service.read_there()
    assert [(one.name, one.state) for one in Match.objects.all()] == [("Roe", "new")]


# --- whom one met ---------------------------------------------------------------------------------


@pytest.mark.parametrize("channel,sobject", [("in_person", "Event"), ("phone", "Task")])
def test_a_visit_names_whom_one_met(connected, chow, bound, channel, sobject):
    ann = add_contact(chow.pk, name="Ann Lee")
    visit = make_visit(chow, bound.rep, channel=channel, met=ann)
    alone = make_visit(chow, bound.rep, channel=channel)
    settled(connected)
    row = connected.there.one(sobject, visit.pk, "WhoId", "WhatId")
    assert row["WhoId"] == connected.there.one("Contact", ann.pk)["Id"]
    assert row["WhatId"] == account(connected, chow)
    assert connected.there.one(sobject, alone.pk, "WhoId")["WhoId"] is None
    remove_contact(ann.pk)
    connected.settle()
    assert connected.there.one(sobject, visit.pk, "WhoId")["WhoId"] is None


def test_a_visit_goes_without_a_contact_that_waits_and_gets_it_later(connected, chow, bound):
    connected.fault("validation", object="Contact", when={"LastName": "Lee"}, message="No", field="LastName")
    ann = add_contact(chow.pk, name="Ann Lee")
    visit = make_visit(chow, bound.rep, met=ann)
    connected.settle()
    assert connected.there.one("Event", visit.pk, "WhoId")["WhoId"] is None
    connected.org.faults.clear()
    inbox_service.try_again()
    settled(connected)
    assert (
        connected.there.one("Event", visit.pk, "WhoId")["WhoId"]
        == connected.there.one("Contact", ann.pk)["Id"]
    )


def test_a_salutation_goes_where_the_mapping_says_so(connected):
    partner = create_partner(name="Lakeview", kind="hospital")
    ann = add_contact(partner.pk, name="Dr Ann Lee, RN")
    connected.settle()
    assert connected.there.one("Contact", ann.pk, "Salutation")["Salutation"] is None
    fieldmap.read_objects()
    fieldmap.choose_field(key="partners.contact", here="salutation", choice=FieldChoice(there="Salutation"))
    fieldmap.put_in_force()
    other = add_contact(partner.pk, name="Ben Ho")
    connected.settle()
    rows = [connected.there.one("Contact", one.pk, "Salutation", "LastName") for one in (ann, other)]
    assert [(row["Salutation"], row["LastName"]) for row in rows] == [("Dr.", "Lee"), (None, "Ho")]
    assert connected.problems() == []
    connected.forget()
    connected.settle()
    assert connected.writes() == []
