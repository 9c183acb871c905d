"""Adopt before create for the people at a partner: each is looked for at the account that their partner is, and nowhere else."""

from django.db import connection as database

from partners.contacts.models import Contact
from partners.contacts.service import add_contact
from prm.salesforce.adoption import service
from prm.salesforce.adoption.service import Answer
from prm.salesforce.engine.models import Connection, Outbox
from prm.salesforce.mapping import capture, registry
from prm.salesforce.matches.models import Match
from prm.salesforce.setup import service as setup_service
from tests.salesforce.adoption.test_adopting import NPI, account, decide, physician, resting

__all__ = ["resting"]

S = Match.State
PARTNER, CONTACT = "partners.partner", "partners.contact"


def person(link, account_id, last, first="", **values):
    """Make a contact in Salesforce, as somebody there did long before us; return its id."""
    body = {"LastName": last, "FirstName": first or None, "AccountId": account_id, **values}
    return link.there.call("POST", "sobjects/Contact", json=body)["id"]


def found():
    rows = Match.objects.filter(mapping=CONTACT).order_by("name", "sf_id")
    return {row.name: (row.state, row.record_name, row.doubt) for row in rows}


def contacts(link):
    rows = link.there.query("SELECT Id, PRM_Id__c, Name FROM Contact ORDER BY Name")
    return [(row["Name"], row["PRM_Id__c"]) for row in rows]


def practice(link, name="Dr. Elena Marchetti", npi=NPI):
    """Make a partner here and its account there, which are certainly one."""
    partner = physician(name, npi)
    return partner, account(link, name, AccountNumber=npi)


def test_each_is_matched_on_its_own_evidence_among_the_people_of_the_partner(resting):
    elena, there = practice(resting)
    for name, details in {
        "Dr. Ann Lee, RN": {"email": "ann@marchetti.example"},
        "Ben Ho": {"phone": "555 010 2217"},
        "Cara Diaz": {"email": "cara@marchetti.example"},
        "Dan Roe": {"email": "dan@old.example"},
        "Eve Stone": {"phone": "555 010 9911"},
        "Only Here": {},
    }.items():
        add_contact(elena.pk, name=name, **details)
    person(resting, there, "Lee-Roth", "Ann", Email="Ann@Marchetti.example")
    person(resting, there, "Ho", "Ben", MobilePhone="+1 555 010 2217")
    person(resting, there, "Front Desk", Email="cara@marchetti.example")
    person(resting, there, "Roe", "Dan", Email="dan@new.example")
    person(resting, there, "Stone", "Evelyn", Phone="555-010-9911")
    person(resting, there, "Only There")
    resting.forget()
    read = setup_service.read_there()
    assert found() == {
        "Ann Lee-Roth": (S.CERTAIN, "Dr. Ann Lee, RN", ""),
        "Ben Ho": (S.CERTAIN, "Ben Ho", ""),
        "Front Desk": (S.OPEN, "Cara Diaz", "Same e-mail, another name"),
        "Dan Roe": (S.OPEN, "Dan Roe", "Same name, another e-mail"),
        "Evelyn Stone": (S.OPEN, "Eve Stone", "Same phone, another name"),
        "Only There": (S.NEW, "", ""),
    }
    reasons = dict(Match.objects.filter(mapping=CONTACT).values_list("name", "reason"))
    assert reasons["Ann Lee-Roth"] == "Same e-mail. The name agrees in part."
    assert reasons["Ben Ho"] == "Same name and phone."
    assert read.objects["contacts"] == {"read": 6, "linked": 0, "certain": 2, "open": 3, "new": 1}
    assert read.objects["accounts"]["certain"] == 1
    assert resting.writes() == []
    one = next(each for each in setup_service.try_start().objects if each.here == "contacts")
    assert (one.link, one.create, one.left_out) == (2, 1, 3)


def test_starting_links_them_and_doubles_nobody_and_names_stay_unless_they_differ(resting):
    elena, there = practice(resting)
    ann = add_contact(elena.pk, name="Dr. Mary Ann Lee, RN", role="Nurse")
    ben = add_contact(elena.pk, name="Ben Ho")
    new = add_contact(elena.pk, name="Only Here")
    person(resting, there, "Ann Lee", "Mary", Email="ann@marchetti.example", Title="Head nurse")
    person(resting, there, "Ho", "Ben")
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    assert contacts(resting) == [
        ("Ben Ho", str(ben.pk)),
        ("Mary Ann Lee", str(ann.pk)),
        ("Only Here", str(new.pk)),
    ]
    ann.refresh_from_db()
    assert (ann.name, ann.role, ann.email) == ("Dr. Mary Ann Lee, RN", "Head nurse", "ann@marchetti.example")
    assert not {one.there for one in resting.conflicts()} & {"FirstName", "LastName"}
    resting.forget()
    resting.settle()
    assert resting.writes() == []
    audit = resting.sync(push=False, pull=False, audit=True).audit[CONTACT]
    assert (audit["different"], audit["missing_there"], audit["only_there"]) == (0, 0, 0)


def test_nobody_is_looked_for_at_another_account_and_who_has_moved_is_asked_about(resting):
    elena, _there = practice(resting)
    physician("Dr. Otto Berg", "1679576722")
    other = account(resting, "Dr. Otto Berg", AccountNumber="1679576722")
    foreign = account(resting, "Somebody Else")
    add_contact(elena.pk, name="Ann Lee")
    add_contact(elena.pk, name="Ben Ho", email="ben@ho.example")
    add_contact(elena.pk, name="Cara Diaz", email="cara@diaz.example")
    person(resting, other, "Lee", "Ann")
    person(resting, other, "Ho", "Ben", Email="ben@ho.example")
    person(resting, None, "Diaz", "Cara", Email="cara@diaz.example")
    person(resting, None, "Nobody")
    person(resting, foreign, "Lee", "Anna")
    setup_service.read_there()
    assert found() == {
        "Ann Lee": (S.NEW, "", ""),
        "Ben Ho": (S.OPEN, "Ben Ho", "Same e-mail and name, at another account"),
        "Cara Diaz": (S.OPEN, "Cara Diaz", "Same e-mail and name, without an account"),
        "Nobody": (S.NEW, "", "Without an account"),
    }
    moved = Match.objects.get(name="Ben Ho")
    assert moved.reason.endswith("In Salesforce at another account, here at Dr. Elena Marchetti.")
    for name in ("Ben Ho", "Cara Diaz"):
        decide(name, Answer.LINK)
    setup_service.start()
    resting.settle()
    ben, cara = (Contact.objects.select_related("partner").get(name=name) for name in ("Ben Ho", "Cara Diaz"))
    assert ben.partner.name == "Dr. Otto Berg"
    row = resting.there.one("Contact", cara.pk, "AccountId")
    assert row["AccountId"] == resting.there.one("Account", elena.pk)["Id"]
    assert resting.there.count("Contact") == 6  # with Ann Lee, who is another person here


def test_two_of_one_name_at_one_account_are_to_decide_and_one_choice_settles_both(resting):
    elena, there = practice(resting)
    ann = add_contact(elena.pk, name="Ann Lee")
    first, second = (person(resting, there, "Lee", "Ann", Title=title) for title in ("Nurse", "Manager"))
    setup_service.read_there()
    rows = {row.sf_id: row for row in Match.objects.filter(mapping=CONTACT)}
    assert {row.doubt for row in rows.values()} == {"Several contacts for one contact"}
    assert service.decide(ids=[rows[second].pk], answer=Answer.LINK).count == 1
    rows[first].refresh_from_db()
    assert rows[first].state == S.APART
    again = service.decide(ids=[rows[first].pk], answer=Answer.LINK)
    assert again.refused == ["Ann Lee: Ann Lee is linked to another contact."]
    setup_service.start()
    resting.settle()
    assert resting.there.one("Contact", ann.pk, "Title")["Title"] == "Manager"
    assert resting.there.count("Contact") == 2


def test_two_of_one_name_here_are_to_decide(resting):
    elena, there = practice(resting)
    for role in ("Nurse", "Manager"):
        add_contact(elena.pk, name="Ann Lee", role=role)
    person(resting, there, "Lee", "Ann")
    setup_service.read_there()
    (row,) = Match.objects.filter(mapping=CONTACT)
    assert (row.state, row.doubt, len(row.candidates)) == (S.OPEN, "Could be more than one", 2)


def test_what_is_decided_about_an_account_decides_about_its_contacts(resting):
    robert = physician("Robert Halloran", city="Easton")
    there = account(resting, "Halloran Robert", BillingCity="Dayton")
    ann = add_contact(robert.pk, name="Ann Lee")
    person(resting, there, "Lee", "Ann")
    setup_service.read_there()
    assert found() == {"Ann Lee": (S.OPEN, "Ann Lee", "Its account is still to decide")}
    batch = decide("Halloran Robert", Answer.LINK).batch
    assert found() == {"Ann Lee": (S.CERTAIN, "Ann Lee", "")}
    service.undo(batch)
    assert found() == {"Ann Lee": (S.OPEN, "Ann Lee", "Its account is still to decide")}
    decide("Halloran Robert", Answer.APART)
    assert found() == {"Ann Lee": (S.NEW, "", "")}
    setup_service.start()
    resting.settle()
    assert resting.there.count("Account") == resting.there.count("Contact") == 2
    assert resting.there.one("Contact", ann.pk, "Name")["Name"] == "Ann Lee"


def test_an_account_that_is_decided_after_the_start_doubles_none_of_its_contacts(resting):
    robert = physician("Robert Halloran", city="Easton")
    there = account(resting, "Halloran Robert", BillingCity="Dayton")
    ann = add_contact(robert.pk, name="Ann Lee")
    sf_id = person(resting, there, "Lee", "Ann")
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    decide("Halloran Robert", Answer.LINK)
    resting.settle()
    assert contacts(resting) == [("Ann Lee", None)]
    decide("Ann Lee", Answer.LINK)
    resting.settle()
    assert resting.there.one("Contact", ann.pk)["Id"] == sf_id
    assert resting.there.count("Contact") == 1


def test_an_adoption_whose_first_call_lost_its_answer_doubles_no_contact(resting):
    elena, there = practice(resting)
    for name in ("Ann Lee", "Ben Ho"):
        add_contact(elena.pk, name=name)
        person(resting, there, name.split()[1], name.split()[0])
    setup_service.read_there()
    setup_service.start()
    for _ in range(2):
        resting.fault("lose_after", path="/composite")
        resting.sync(patient=True)
    resting.settle()
    assert {key for _, key in contacts(resting)} == {
        str(pk) for pk in Contact.objects.values_list("pk", flat=True)
    }
    assert resting.there.count("Contact") == 2


def test_a_connection_that_ran_before_contacts_were_read_holds_them_until_they_are(resting):
    """As after an update of PRM: nobody has compared the contacts there, and none must be there twice."""
    elena, there = practice(resting)
    setup_service.read_there()
    setup_service.start()
    Connection.objects.update(objects_read=[PARTNER])
    person(resting, there, "Lee", "Ann")
    ann, new = add_contact(elena.pk, name="Ann Lee"), add_contact(elena.pk, name="Only Here")
    resting.settle()
    assert contacts(resting) == [("Ann Lee", None)]
    report = resting.sync(patient=True, door="command")
    (waits,) = [one for one in report.waiting if one["mapping"] == CONTACT]
    assert (waits["records"], "read them under Adopt accounts" in waits["reason"]) == (2, True)
    setup_service.read_there()
    resting.settle()
    assert contacts(resting) == [("Ann Lee", None), ("Only Here", str(new.pk))]
    decide("Ann Lee", Answer.LINK)
    resting.settle()
    assert contacts(resting) == [("Ann Lee", str(ann.pk)), ("Only Here", str(new.pk))]


def test_contacts_of_an_account_that_carries_our_id_are_found_though_its_link_is_forgotten(resting):
    """As in a sandbox that was refreshed."""
    elena, there = practice(resting)
    resting.there.call("PATCH", f"sobjects/Account/{there}", json={"PRM_Id__c": str(elena.pk)})
    add_contact(elena.pk, name="Ann Lee")
    person(resting, there, "Lee", "Ann")
    setup_service.read_there()
    assert found() == {"Ann Lee": (S.CERTAIN, "Ann Lee", "")}


def test_the_number_of_queries_does_not_grow_with_the_contacts(resting, django_assert_num_queries):
    elena, _there = practice(resting)
    for number in range(6):
        add_contact(elena.pk, name=f"Person {number}")
    assert not Outbox.objects.exists()
    rows = [{"name": f"Person {n}", "email": "", "partner": str(elena.pk), "at": "ours"} for n in range(6)]
    recognise = registry.mapping(CONTACT).adopt.recognise
    for some in (rows[:1], rows):
        with django_assert_num_queries(2):
            assert all(one.is_certain for one in recognise(some))
    assert len(capture.all_ids(database, registry.mapping(CONTACT))) == 6
