"""Contacts from a list: people at partners that a row names."""

import pytest

from activities.lists.runs import service
from partners.contacts.models import Contact
from tests.activities.lists.factories import bring, give_back, outcomes, read, row, write
from tests.partners.factories import make_partner

pytestmark = pytest.mark.usefixtures("in_mercy")


def test_people_are_found_at_their_partner_and_others_wait_or_are_rejected():
    elm = make_partner("Elm Street", kind="practice", codes=["C7"], city="Elm")
    make_partner("Lakeview", kind="practice", city="Easton")
    bring("Practice,Code,Contact,Role\nElm Street,C7,Ann Field,Front desk\n", kind="contacts")
    run = read(
        "Practice,Code,City,Contact,Role,E-mail,Preferred\n"
        "Elm Street,C7,,Field Ann,Manager,ann@elm.example,yes\nElm Street,C7,,Bea Reed,,,\n"
        "Lakeview,,Dayton,Carl Stone,,,\nNobody,,,Dan Low,,,\n",
        kind="contacts",
    )
    assert [outcome for outcome, _ in outcomes(run).values()] == ["certain", "new", "decide", "rejected"]
    assert "Bring the partners first" in row(run, 5).reason
    service.decide(run.pk, "same")
    write(run)
    assert [str(contact) for contact in Contact.objects.of(elm)] == ["Field Ann, Manager", "Bea Reed"]
    assert Contact.objects.get(name="Carl Stone").partner.name == "Lakeview"
    give_back(run)
    assert list(Contact.objects.values_list("name", "role", "email")) == [("Ann Field", "Front desk", "")]


def test_the_same_list_again_writes_nothing_and_one_is_preferred():
    make_partner("Elm Street", kind="practice", codes=["C7"])
    text = "Code,Contact,E-mail,Preferred\nC7,Ann Field,ann@elm.example,yes\nC7,Bea Reed,,no\n"
    bring(text, kind="contacts")
    assert read(text, kind="contacts").counts == {"unchanged": 2}
    bring("Code,Contact,Preferred\nC7,Bea Reed,yes\n", kind="contacts")
    assert list(Contact.objects.filter(is_preferred=True).values_list("name", flat=True)) == ["Bea Reed"]
