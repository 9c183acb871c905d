"""A list of partners from a file: who is who, what is written, and how it is taken back."""

import pytest

from activities.lists.runs import service, writing
from activities.lists.runs.models import BringRun
from activities.lists.states import RunState
from partners.directory.codes import npi_with_check_digit
from partners.directory.models import Partner
from partners.directory.service import update_partner
from partners.merges.service import merge_partners, undo_merge
from prm.bringing import NEW
from prm.core.errors import Refused
from tests.activities.lists.factories import bring, give_back, outcomes, read, row, write
from tests.partners.factories import make_partner

pytestmark = pytest.mark.usefixtures("in_mercy")

NPI = "1000000004"
HEAD = "Name;Kind;NPI;Code;City;E-Mail;Phone\n"


def test_certain_new_unchanged_and_rejected_rows_of_one_file():
    known = make_partner("Dr. Robert Halloran", kind="physician", codes=[("NPI", NPI)], city="Easton")
    run = read(
        f"{HEAD}Robert Halloran;;{NPI};;Dayton;;\nMei-Lin Chow;Physician;;C7;Ridge;chow@ridge.example;\n"
        "Bad Digit;Physician;1000000005;;Ridge;;\nNo Kind;;;;Ridge;;\nWrong;Spital;;;Ridge;;\n"
    )
    assert run.state == RunState.PREVIEW
    assert run.counts == {"certain": 1, "new": 1, "rejected": 3}
    assert row(run, 2).changes == {
        "name": ["Dr. Robert Halloran", "Robert Halloran"], "city": ["Easton", "Dayton"]
    }  # fmt: skip
    assert "Same NPI and name" in row(run, 2).reason
    assert "check digit" in row(run, 4).reason
    assert "needs a kind" in row(run, 5).reason
    assert "not one of: Physician" in row(run, 6).reason
    done = write(run)
    assert done.counts == run.counts
    known.refresh_from_db()
    assert (known.name, known.city, known.phone) == ("Robert Halloran", "Dayton", "")
    assert Partner.objects.get(name="Mei-Lin Chow").codes.get().code == "C7"


def test_the_same_file_again_writes_nothing():
    text = f"{HEAD}Mei-Lin Chow;Physician;{NPI};C7;Ridge;Chow@Ridge.example;555 0100 200\nT. Lund;agent;;;Elm;;\n"
    bring(text)
    before = list(Partner.objects.order_by("pk").values())
    again = read(text)
    assert again.counts == {"unchanged": 2}
    with pytest.raises(Refused, match="Nothing of this list"):
        service.start(again.pk)
    assert list(Partner.objects.order_by("pk").values()) == before


def test_a_blank_cell_is_no_answer_unless_the_person_says_so():
    known = make_partner("Elm Street", kind="practice", codes=["C7"], phone="555 0100 200", city="Elm")
    text = "Name,Code,Phone\nElm Street,C7,\n"
    assert read(text).counts == {"unchanged": 1}
    bring(text, blank_empties=True)
    known.refresh_from_db()
    assert (known.phone, known.city) == ("", "Elm")


def test_one_address_of_two_and_a_name_elsewhere_are_a_question():
    make_partner("Ann Field", kind="agent", email="office@field.example")
    make_partner("Bea Field", kind="agent", email="office@field.example")
    chow = make_partner("M. Chow", kind="agent", city="Easton")
    run = read(
        "Name,Kind,E-mail,City\nCarl Stone,agent,office@field.example,\nM. Chow,agent,,Dayton\nM. Chow,agent,,Easton\n"
    )
    assert [outcome for outcome, _ in outcomes(run).values()] == ["decide", "decide", "unchanged"]
    assert len(row(run, 2).candidates) == 2
    service.decide(run.pk, NEW, row_ids=[row(run, 2).pk])
    service.decide(run.pk, "same", row_ids=[row(run, 3).pk])
    done = write(run)
    assert done.counts == {"new": 1, "unchanged": 1, "rejected": 1}
    # Two rows that a person has made one contradict each other: none is written in silence.
    assert "Another row of this file says something else of M. Chow: City" in row(run, 3).reason
    assert Partner.objects.filter(name="Carl Stone").exists()
    chow.refresh_from_db()
    assert chow.city == "Easton"


def test_a_code_of_another_partner_is_a_question_and_undecided_rows_wait():
    other = make_partner("Dr. Samuel Okafor", kind="physician", codes=["C7"])
    run = read("Name,Kind,Code,City\nLakeview Imaging,practice,C7,Ridge\nNew One,agent,C8,Ridge\n")
    assert row(run, 2).outcome == "decide"
    assert "The name differs" in row(run, 2).reason
    done = write(run)
    assert done.state == RunState.DONE
    assert Partner.objects.filter(name="New One").exists()
    service.decide(run.pk, NEW, row_ids=[row(run, 2).pk])
    done = write(done)
    assert outcomes(done)[2] == ("rejected", "C7 is already a code of Dr. Samuel Okafor.")
    other.refresh_from_db()
    assert other.name == "Dr. Samuel Okafor"


def test_rows_that_contradict_each_other_are_both_rejected_and_others_complete():
    run = read(
        f"{HEAD}A. Reed;agent;{NPI};;Ridge;;\nA. Reed;agent;{NPI};;Dayton;;\n"
        "B. Reed;agent;;C1;Ridge;;\nB. Reed;agent;;C1;Ridge;b@reed.example;\nB. Reed;agent;;C1;Ridge;;\n"
    )
    found = outcomes(run)
    assert [found[line][0] for line in (2, 3)] == ["rejected", "rejected"]
    assert (
        "Lines 2 and 3 mean the same provider and contradict each other: City is Ridge in the first"
        in found[2][1]
    )
    assert [found[line][0] for line in (4, 5, 6)] == ["new", "certain", "unchanged"]
    write(run)
    assert Partner.objects.get(name="B. Reed").email == "b@reed.example"


def test_what_was_made_meanwhile_is_a_question_and_never_a_second_one():
    run = read("Name,Kind,Code,City\nMei-Lin Chow,agent,C7,Ridge\n")
    make_partner("Mei-Lin Chow", kind="agent", codes=["C7"])
    done = write(run)
    assert done.counts == {"decide": 1}
    assert "Since you looked" in row(run, 2).reason
    assert Partner.objects.count() == 1


def test_two_runs_of_the_same_file_make_everybody_once():
    text = "Name,Kind,City\nMei-Lin Chow,agent,Ridge\n"
    one, two = read(text), read(text)
    write(one)
    assert write(two).counts == {"unchanged": 1}
    assert Partner.objects.count() == 1


def test_a_worker_that_was_killed_is_gone_on_from_the_row_it_had_come_to(monkeypatch):
    monkeypatch.setattr(writing, "CHUNK", 100)
    run = read("Name,Kind,City\n" + "".join(f"Agent {n:03} Smith{n},agent,Ridge\n" for n in range(150)))
    service.start(run.pk)
    assert service.write(run.pk, seconds=0)  # the first chunk is committed, then the worker is killed
    assert Partner.objects.count() == 100
    assert BringRun.objects.get(pk=run.pk).state == RunState.RUNNING
    while service.write(run.pk, seconds=0):
        pass
    assert Partner.objects.count() == 150
    assert BringRun.objects.get(pk=run.pk).counts == {"new": 150}


def test_taking_back_restores_and_removes_unless_something_depends_on_it():
    known = make_partner("Elm Street", kind="practice", codes=["C7"], phone="555")
    run = bring("Name,Kind,Code,Phone,Tax id\nElm Street,practice,C7,999 000 111,T1\nNew One,agent,C8,,\n")
    new = Partner.objects.get(name="New One")
    update_partner(known.pk, phone="777")
    make_partner("Member", kind="agent", organisation=new)
    with pytest.raises(Refused) as refused:
        service.take_back(run.pk)
    assert "Elm Street: phone changed since" in refused.value.message
    assert "New One: partners came later" in refused.value.message
    Partner.objects.filter(name="Member").delete()
    update_partner(known.pk, phone="999 000 111")
    assert give_back(run).state == RunState.TAKEN_BACK
    known.refresh_from_db()
    assert (known.phone, known.codes.count()) == ("555", 1)
    assert not Partner.objects.filter(name="New One").exists()


def test_the_file_of_rejects_has_the_files_own_headings_and_loads_again():
    run = read("Partner name;Art;Ort\n=1+2;agent;Ridge\nMei-Lin Chow;agentin;Ridge\n")
    text = "".join(service.rejects_csv(run.pk))
    assert text.splitlines()[0] == "Partner name,Art,Ort,Why it was not taken"
    assert "is a formula" in text
    assert read(text.replace("agentin", "agent")).counts == {"new": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("Name,Kind\n", "nothing below"),
        ("Name,Name\nA,B\n", "two columns have the same heading"),
        ("%PDF-1.4 nothing", "PDF"),
    ],
)
def test_a_file_that_is_no_list_says_so_and_writes_nothing(text, said):
    run = read(text)
    assert run.state == RunState.FAILED
    assert said in run.message


def test_a_file_without_a_column_that_tells_who_is_meant_asks_for_columns():
    run = read("Colour;Size;City\nred;4;Ridge\n")
    assert run.state == RunState.COLUMNS
    assert "No column tells which provider" in run.problem
    service.set_columns(run.pk, columns={"name": 0, "city": 2}, defaults={"kind": "agent"})
    assert service.look(run.pk).counts == {"new": 1}


def test_a_hundred_columns_another_tenants_id_and_letters_nobody_sees(anchor):
    make_partner("Zoë Müller", kind="agent", city="Köln")
    wide = ",".join(f"extra column {n}" for n in range(97))
    cells = ",".join("x" * 97)
    run = read(
        f"Name,Kind,City,{wide}\nZo\u200be\u0308 Mu\u0308ller,agent,Ko\u0308ln,{cells}\nМария,agent,Киев,{cells}\n"
    )
    assert [outcome for outcome, _ in outcomes(run).values()] == ["unchanged", "new"]
    assert all(len(one.cells) == 3 for one in run.rows.all())
    other = read(f"Id,Name,Kind\n{anchor.tenant.pk},Somebody,agent\n")
    assert "is the id of nobody here" in row(other, 2).reason


def test_a_list_whose_partner_was_merged_since_says_so_and_goes_back_after_the_merge_did():
    other = make_partner("Ann Field the other")
    run = bring("Name,Kind,Code\nAnn Field,physician,C1\n")
    ann = Partner.objects.get(name="Ann Field")
    merged = merge_partners(other.pk, merged_id=ann.pk)
    with pytest.raises(Refused, match="Ann Field: merged into Ann Field the other since"):
        service.take_back(run.pk)
    undo_merge(merged.pk)
    assert give_back(run).state == "taken_back"
    assert not Partner.objects.filter(pk=ann.pk).exists()


def test_a_name_in_another_spelling_is_a_question_and_never_certain_by_itself():
    make_partner("Hans Müller", kind="physician", city="Köln")
    make_partner("Soeren Soerensen", kind="physician", city="Aarhus")
    run = read(
        "Name;Kind;City\nHANS MUELLER;physician;Koeln\nSøren Sørensen;physician;Århus\nHans Moeller;physician;Köln\n"
    )
    assert [outcome for outcome, _ in outcomes(run).values()] == ["decide", "decide", "new"]
    assert "The same name in another spelling: Hans Müller here" in row(run, 2).reason


def test_plain_letters_of_a_program_take_no_umlauts_off_a_name():
    known = make_partner("Hans Müller", kind="physician", city="Köln", codes=[("NPI", NPI)])
    bring("Name;NPI;City;Phone\nHANS MUELLER;100 000 0004;KOELN;555 0100 200\n")
    known.refresh_from_db()
    assert (known.name, known.city, known.phone) == ("Hans Müller", "Köln", "555 0100 200")


def test_numbers_in_groups_are_those_of_their_figures():
    make_partner("Ann Field", kind="agent", codes=[("NPI", NPI)])
    make_partner("Carla Ruiz", kind="agent", codes=[("Tax id", "12-3456789")])
    make_partner("Bo Ek", kind="agent", codes=["40-2217"])
    run = read("Name;NPI;Tax id;Code\nAnn Field;1000-000-004;;\nCarla Ruiz;;123456789;\nBo Ek;;;40 2217\n")
    assert [outcome for outcome, _ in outcomes(run).values()] == ["unchanged", "unchanged", "decide"]
    assert "The code is 40-2217 here: the same but for what stands between its figures" in row(run, 4).reason
    npi = npi_with_check_digit("100000002")
    bring(f"Name;Kind;NPI\nNew One;agent;{npi[:3]} {npi[3:6]}-{npi[6:]}\n")
    assert Partner.objects.get(name="New One").codes.get().code == npi


@pytest.mark.parametrize(
    "heading",
    ["DEALER", "Agents", "PHYSICIAN", "Doctor", "Provider name", "Practice", "Zuweiser", "Hospitals"],
)
def test_a_column_is_known_by_what_people_call_a_partner(heading):
    make_partner("Ann Field", kind="agent", city="Elm", codes=["D-17"])
    run = read(f"{heading};City;Code;Whose code\nAnn Field;Elm;X1;Epic\nD-17;;X2;Epic\n", kind="codes")
    assert run.columns["partner_name"] == 0
    assert [outcome for outcome, _ in outcomes(run).values()] == ["new", "new"]
