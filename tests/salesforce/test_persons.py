"""Person and business accounts by kind, and record types by developer name: both ways, and what is neither."""

import pytest

from partners.contacts.models import Contact
from partners.contacts.persons import why_no_name
from partners.contacts.service import add_contact
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from partners.merges.service import merge_partners
from prm.core.errors import Refused
from prm.salesforce.adoption import newcomers, reading, service
from prm.salesforce.adoption.persons import ANOTHER_FORM
from prm.salesforce.adoption.service import Answer
from prm.salesforce.engine.models import AtRest, RecordLink, SyncProblem
from prm.salesforce.fieldmap import looking
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import KindChoice, ScopeChoice, TakesChoice
from prm.salesforce.matches.models import Match
from prm.salesforce.setup import needs
from prm.salesforce.setup import service as setup_service
from tests.salesforce.adoption.test_trying import resting  # noqa: F401

KEY = "partners.partner"
TYPES = [
    {"object": "Account", "name": "Clinic", "default": True},
    {"object": "Account", "name": "Office"},
    {"object": "Account", "name": "Old", "active": False},
    {"object": "Account", "name": "Hidden", "available": False},
    {"object": "Account", "name": "Doctor", "person": True},
]
PERSON = {"physician": KindChoice(account="person", record_type="Doctor")}
NAMES = ("IsPersonAccount", "FirstName", "LastName")
DETAILS = (
    "PersonEmail",
    "PersonMobilePhone",
    "PersonMailingCity",
    "PersonMailingState",
    "PersonMailingCountry",
)


def choose(kinds, *, force=True):
    fieldmap.read_objects()
    fieldmap.choose_kinds(key=KEY, kinds=kinds)
    if force:
        fieldmap.put_in_force()


@pytest.fixture
def persons(connected):
    connected.org.features.turn({"persons": True, "record_types": TYPES})
    choose(PERSON)
    connected.settle()
    connected.forget()
    return connected


def ann(name="Dr. Ann Roe, MD", **more):
    details = {
        "email": "ann@x.org",
        "phone": "555 0100",
        "city": "Salem",
        "region": "Oregon",
        "country": "US",
    }
    return create_partner(name=name, kind="physician", **{**details, **more})


def there(link, partner, *names):
    row = link.there.one("Account", partner.pk, *names)
    return [row[name] for name in names]


def type_id(link, name):
    return next(each.id for each in link.org.schema.record_types["Account"] if each.name == name)


def words(partner):
    return {one.field: one.message for one in SyncProblem.objects.filter(record_id=partner.pk)}


# --- both ways ------------------------------------------------------------------------------------


def test_a_kind_of_people_goes_as_person_accounts_and_comes_back(persons):
    partner = ann()
    clinic = create_partner(name="Northside Clinic", kind="practice", city="Salem")
    persons.settle()
    assert there(persons, partner, *NAMES) == [True, "Ann", "Roe"]
    assert there(persons, partner, *DETAILS) == ["ann@x.org", "555 0100", "Salem", "Oregon", "United States"]
    assert there(persons, partner, "RecordTypeId", "BillingCity") == [type_id(persons, "Doctor"), None]
    assert there(persons, clinic, "IsPersonAccount", "Name", "BillingCity") == [
        False,
        "Northside Clinic",
        "Salem",
    ]
    persons.forget()
    persons.settle()
    assert persons.writes() == []
    persons.there.edit("Account", partner.pk, LastName="Poe", PersonEmail="poe@x.org")
    persons.settle()
    partner.refresh_from_db()
    assert (partner.name, partner.email) == ("Dr. Ann Poe, MD", "poe@x.org")
    update_partner(partner.pk, name="Dr. Ann de la Cruz, MD", phone="555 0199")
    persons.settle()
    assert there(persons, partner, "Name", "LastName", "PersonMobilePhone") == [
        "Ann de la Cruz", "de la Cruz", "555 0199",
    ]  # fmt: skip
    audit = persons.sync(audit=True).audit[KEY]
    assert (audit["same"], audit["differences"]) == (2, [])
    assert persons.problems() == []


def test_how_a_name_is_divided_there_is_left_alone_and_both_changed_is_a_conflict(persons):
    partner = ann(name="Mary Ann Roe")
    persons.settle()
    persons.there.edit("Account", partner.pk, FirstName="Mary", LastName="Ann Roe")
    persons.settle()
    persons.forget()
    update_partner(partner.pk, city="Albany")
    persons.settle()
    assert there(persons, partner, "FirstName", "LastName", "PersonMailingCity") == [
        "Mary",
        "Ann Roe",
        "Albany",
    ]
    persons.there.edit("Account", partner.pk, PersonMailingCity="Bend")
    update_partner(partner.pk, city="Eugene")
    persons.settle()
    partner.refresh_from_db()
    assert partner.city == "Bend"
    (clash,) = persons.conflicts()
    assert (clash.there, clash.ours) == ("PersonMailingCity", "Eugene")


def test_their_address_goes_by_the_organisations_lists(persons):
    persons.org.features.turn({"places": True})
    fieldmap.read_objects()
    partner = ann()
    persons.settle()
    names = ("PersonMailingCountryCode", "PersonMailingStateCode")
    assert there(persons, partner, *names) == ["US", "OR"]
    update_partner(partner.pk, country="CA", region="Ontario")
    persons.settle()
    assert there(persons, partner, *names) == ["CA", "ON"]
    persons.there.edit("Account", partner.pk, PersonMailingStateCode="QC")
    persons.settle()
    partner.refresh_from_db()
    assert (partner.region, words(partner)) == ("Quebec", {})


@pytest.mark.parametrize("name", ["Northside Clinic", "Ann and Bob Roe", "Roe & Poe", "Studio 54"])
def test_what_is_no_name_of_one_person_is_said(name):
    assert "cannot be told apart" in why_no_name(name)


@pytest.mark.parametrize("name", ["Ann Roe", "Cher", "Roe, Ann", "Ann Roe, PC, MD", "Ludwig van Beethoven"])
def test_a_name_of_a_person_is_told_apart(name):
    assert why_no_name(name) == "" or "PC" in name


def test_a_new_record_without_such_a_name_waits_and_goes_when_it_has_one(persons):
    partner = create_partner(name="Roe & Poe", kind="physician")
    persons.settle()
    assert persons.there.count("Account") == 0
    assert "cannot be told apart" in words(partner)["LastName"]
    update_partner(partner.pk, name="Ann Roe")
    persons.settle()
    assert there(persons, partner, *NAMES) == [True, "Ann", "Roe"]
    assert words(partner) == {}
    update_partner(partner.pk, name="Roe & Poe", city="Salem")
    persons.settle()
    assert there(persons, partner, "LastName", "PersonMailingCity") == ["Roe", "Salem"]


# --- never confused -------------------------------------------------------------------------------


def test_another_kind_afterwards_is_a_case_and_writes_nothing(persons):
    partner = ann()
    persons.settle()
    persons.forget()
    update_partner(partner.pk, kind="practice", name="Roe Practice", city="Bend")
    persons.settle()
    assert persons.writes() == []
    assert "person account in Salesforce" in words(partner)["IsPersonAccount"]
    persons.there.edit("Account", partner.pk, PersonMailingCity="Eugene")
    persons.settle()
    partner.refresh_from_db()
    assert partner.city == "Bend"
    (difference,) = persons.sync(audit=True, repair=True).audit[KEY]["differences"]
    assert "ANOTHER_FORM" in difference["reason"]
    update_partner(partner.pk, kind="physician", name="Ann Poe")
    persons.settle()
    assert there(persons, partner, "LastName") == ["Poe"]
    assert words(partner) == {}


def test_an_account_that_is_converted_there_is_the_same_case_until_the_kind_follows(persons):
    partner = ann()
    persons.settle()
    persons.there.edit("Account", partner.pk, RecordTypeId=type_id(persons, "Clinic"))
    persons.settle()
    assert "business account in Salesforce" in words(partner)["IsPersonAccount"]
    update_partner(partner.pk, kind="practice", name="Roe Practice")
    persons.settle()
    # Nothing was agreed about the name of a business: theirs stays, and ours is kept.
    partner.refresh_from_db()
    assert there(persons, partner, "IsPersonAccount", "Name") == [False, partner.name]
    assert [one.ours for one in persons.conflicts() if one.there == "Name"] == ["Roe Practice"]
    assert words(partner) == {}


def test_contacts_of_a_person_rest_and_a_person_belongs_to_no_organisation(persons):
    clinic = create_partner(name="Northside Clinic", kind="practice")
    partner = ann(organisation=clinic)
    contact = add_contact(partner_id=partner.pk, name="Bob Poe")
    persons.settle()
    assert there(persons, partner, "ParentId") == [None]
    assert AtRest.objects.get(record_id=contact.pk).why == "person"
    assert persons.there.query("SELECT Id FROM Contact WHERE IsPersonAccount = false") == []
    assert persons.problems() == []
    update_partner(partner.pk, kind="practice", name="Roe Practice")
    RecordLink.objects.filter(record_id=partner.pk).delete()
    persons.settle()
    assert not AtRest.objects.filter(record_id=contact.pk).exists()
    assert Contact.objects.get().partner_id == partner.pk


def test_deleted_there_created_again_and_merged_here(persons):
    partner, other = ann(), ann(name="Anne Roe", email="anne@x.org")
    persons.settle()
    persons.there.delete("Account", partner.pk)
    persons.settle()
    assert RecordLink.objects.get(record_id=partner.pk).state == RecordLink.State.DELETED_THERE
    row = persons.there.query("SELECT Id FROM Account WHERE IsDeleted = true", deleted=True)[0]
    persons.org.administration.change({"op": "undelete", "id": row["Id"]})
    persons.settle()
    assert RecordLink.objects.get(record_id=partner.pk).state == RecordLink.State.LINKED
    merge_partners(partner.pk, merged_id=other.pk)
    persons.settle()
    assert there(persons, partner, *NAMES) == [True, "Ann", "Roe"]
    assert persons.problems() == []


# --- adopting -------------------------------------------------------------------------------------


def test_adopting_matches_like_with_like(resting):  # noqa: F811
    resting.org.features.turn({"persons": True, "record_types": TYPES})
    choose(PERSON)
    partner = ann(name="Ann Roe")
    business = create_partner(name="Bea Poe", kind="practice", email="bea@x.org")
    create = resting.there.call
    create(
        "POST", "sobjects/Account", json={"FirstName": "Ann", "LastName": "Roe", "PersonEmail": "ann@x.org"}
    )
    create(
        "POST", "sobjects/Account", json={"FirstName": "Bea", "LastName": "Poe", "PersonEmail": "bea@x.org"}
    )
    found = reading.read()
    assert found.objects["contacts"]["read"] == 0
    rows = {row.name: row for row in Match.objects.filter(mapping=KEY)}
    assert (rows["Ann Roe"].state, rows["Ann Roe"].record_id) == (Match.State.CERTAIN, partner.pk)
    assert (rows["Bea Poe"].state, rows["Bea Poe"].doubt) == (Match.State.OPEN, ANOTHER_FORM)
    done = service.decide(ids=[rows["Bea Poe"].pk], answer=Answer.LINK)
    assert "person account there" in done.refused[0]
    outcome = setup_service.try_start()
    assert (outcome.objects[0].link, outcome.objects[0].left_out) == (1, 1)
    service.decide(ids=[rows["Bea Poe"].pk], answer=Answer.APART)
    setup_service.start()
    resting.settle()
    assert there(resting, partner, *NAMES) == [True, "Ann", "Roe"]
    assert there(resting, business, "IsPersonAccount", "Name") == [False, "Bea Poe"]
    assert resting.there.count("Account") == 3


def test_made_there_later_becomes_a_partner_of_a_kind_of_that_sort_only(persons):
    fieldmap.choose_scope(
        key=KEY,
        scope=ScopeChoice(),
        takes=TakesChoice(on=True, sort="practice", by_record_type={"Doctor": "physician"}),
    )
    fieldmap.put_in_force()
    reading.read()
    doctor = type_id(persons, "Doctor")
    create = persons.there.call
    create(
        "POST", "sobjects/Account", json={"FirstName": "New", "LastName": "Person", "RecordTypeId": doctor}
    )
    persons.org.features.turn(
        {"record_types": [*TYPES, {"object": "Account", "name": "Agent", "person": True}]}
    )
    other = type_id(persons, "Agent")
    create("POST", "sobjects/Account", json={"LastName": "Waits", "RecordTypeId": other})
    assert newcomers.look().made == 1
    assert {one.name: one.kind for one in Partner.objects.all()} == {"New Person": "physician"}


# --- found before anything is written -------------------------------------------------------------


def test_with_person_accounts_off_the_check_says_so_and_what_to_do(connected):
    ann()
    choose(PERSON, force=False)
    problems = looking.problems(fieldmap.drafted())
    assert len(problems) == 2
    assert "no person accounts" in problems[0] and "Setup, Person Accounts" in problems[0]
    assert "no record type “Doctor”" in problems[1]
    with pytest.raises(Refused, match="2 problems first"):
        fieldmap.put_in_force()
    connected.forget()
    outcome = fieldmap.try_draft()
    assert outcome.objects[0].refused == 1
    assert connected.writes() == []


def test_turned_off_by_another_organisation_nothing_becomes_a_business(persons):
    partner = ann()
    for name in (*NAMES, *DETAILS):
        persons.org.shaping.change({"field": f"Account.{name}", "see": False})
    fieldmap.read_objects()
    persons.settle()
    assert persons.there.count("Account") == 0
    assert "no person accounts" in words(partner)["IsPersonAccount"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Old", "“Old” is inactive"),
        ("Hidden", "“Hidden” is not available to us"),
        ("None", "no record type “None”"),
        ("Doctor", "is a record type of person accounts"),
    ],
)
def test_a_record_type_that_cannot_be_used_is_found_by_the_check(connected, name, said):
    connected.org.features.turn({"persons": True, "record_types": TYPES})
    choose({"practice": KindChoice(record_type=name)}, force=False)
    (problem,) = looking.problems(fieldmap.drafted())
    assert said in problem


def test_a_record_type_that_goes_later_holds_new_records_and_is_named(persons):
    choose({**PERSON, "practice": KindChoice(record_type="Office")})
    clinic = create_partner(name="Northside", kind="practice")
    persons.settle()
    assert there(persons, clinic, "RecordTypeId") == [type_id(persons, "Office")]
    persons.org.features.turn({"record_types": [one for one in TYPES if one["name"] != "Office"]})
    fieldmap.read_objects()
    new = create_partner(name="Southside", kind="practice")
    update_partner(clinic.pk, city="Salem")
    persons.settle()
    assert there(persons, clinic, "BillingCity") == ["Salem"]
    assert "no record type “Office”" in words(new)["RecordTypeId"]
    assert persons.there.count("Account") == 1
    persons.org.features.turn({"record_types": TYPES})
    fieldmap.read_objects()
    update_partner(new.pk, city="Salem")
    persons.settle()
    assert there(persons, new, "RecordTypeId") == [type_id(persons, "Office")]
    assert persons.problems() == []


# --- chosen ---------------------------------------------------------------------------------------


def test_it_is_a_version_said_in_words_and_taken_back(persons):
    partner = ann()
    persons.settle()
    in_force = looking.version_in_force()
    assert "Physician as person accounts, Doctor instead of business accounts" in in_force.summary
    (shown, *_rest) = looking.look(fieldmap.drafted())
    assert ("Physician", "person accounts, Doctor") in shown.kinds
    assert "PersonEmail" in {row.there for row in shown.rows}
    assert needs.rights(registry.mappings().values()).fields["Contact", "MailingAddress"]
    with pytest.raises(Refused, match="none that there is"):
        fieldmap.choose_kinds(key=KEY, kinds={"wizard": KindChoice(account="person")})
    fieldmap.back_to(1)
    fieldmap.put_in_force()
    persons.forget()
    persons.settle()
    assert there(persons, partner, *NAMES) == [True, "Ann", "Roe"]
