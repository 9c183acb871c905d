"""A row chosen by typing: by id, by words alone, and what is said when the words name none or several."""

import pytest
from django import forms
from django.urls import reverse

from partners.directory.choosing import ORGANISATIONS, PARTNERS
from partners.directory.models import Partner
from partners.portal.service import grant_access
from prm.accounts.service import add_member
from prm.ui.pickers.fields import FEW, PickerField
from prm.ui.pickers.pickers import SHOWN, registered
from tests.html import shows
from tests.partners.factories import make_partner


class Form(forms.Form):
    partner = PickerField(PARTNERS, required=False)


class FilterLike(forms.Form):
    partner = PickerField(PARTNERS, required=False, few=FEW)


@pytest.fixture
def people(in_mercy):
    return [make_partner(name) for name in ("Dr. Chow", "Dr. Chowdhury", "Dr. Demir")]


def test_an_id_names_its_row(people):
    form = Form({"partner": str(people[0].pk), "partner_words": "whatever"})
    assert form.is_valid()
    assert form.cleaned_data == {"partner": people[0]}


@pytest.mark.parametrize(
    ("words", "found"), [("demir", 2), ("Dr. Chow", 0), ("dr. chow ", 0), ("chowd", 1), ("", None)]
)
def test_words_alone_are_enough_where_they_name_one(people, words, found):
    form = Form({"partner_words": words})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["partner"] == (None if found is None else people[found])


@pytest.mark.parametrize(
    ("words", "said"),
    [("dr", "Several partners match “dr”. Type more of the name."), ("zzz", "No partner matches “zzz”.")],
)
def test_words_that_name_none_or_several_are_refused_and_kept(people, words, said):
    form = Form({"partner_words": words})
    assert form.errors == {"partner": [said]}
    assert shows(str(form["partner"]), f'value="{words}"')


@pytest.mark.parametrize("value", ["x", "00000000-0000-0000-0000-000000000000", "1"])
def test_an_id_that_names_nothing_is_refused(people, value):
    form = Form({"partner": value})
    assert "partner" in form.errors
    assert str(form["partner"])


def test_a_row_of_another_tenant_cannot_be_chosen(people, anchor):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(anchor.tenant):
        foreign = make_partner("Foreign")
        assert Form({"partner": str(foreign.pk)}).is_valid()
    assert not Form({"partner": str(foreign.pk)}).is_valid()
    assert not Form({"partner_words": "Foreign"}).is_valid()


def test_a_form_that_is_filled_in_shows_the_words(people):
    for initial in (people[1], people[1].pk):
        html = str(Form(initial={"partner": initial})["partner"])
        assert shows(html, f'name="partner" value="{people[1].pk}"')
        assert shows(html, 'value="Dr. Chowdhury"')


def test_few_rows_are_an_ordinary_list_and_many_are_not(people):
    assert str(FilterLike()["partner"]).count("<option") == 4
    for number in range(FEW):
        make_partner(f"Filler {number}")
    assert "<option" not in str(FilterLike()["partner"])
    assert "<option" not in str(Form()["partner"])


def test_options_come_likeliest_first_and_tell_namesakes_apart(in_mercy, client_for):
    for name, city in (("Andrew Kim", "Bonn"), ("Kim", "Kiel"), ("Kim", "Bonn"), ("Kimble", "")):
        make_partner(name, city=city)
    html = client_for(in_mercy.rep).get("/t/mercy/choose/partners/", {"q": "kim"}).content.decode()
    places = [html.index(f'data-words="{name}"') for name in ("Kim", "Kimble", "Andrew Kim")]
    assert places == sorted(places)
    assert shows(html, "<small>Agent, Kiel</small>")


def test_no_more_options_than_can_be_looked_through(in_mercy, client_for):
    for number in range(SHOWN + 1):
        make_partner(f"Same {number}")
    client = client_for(in_mercy.rep)
    html = client.get("/t/mercy/choose/partners/", {"q": "same"}).content.decode()
    assert html.count('role="option"') == SHOWN
    assert "Type more to see others" in html
    assert (
        "No partner matches" in client.get("/t/mercy/choose/partners/", {"q": "zzz" * 1000}).content.decode()
    )


def test_organisations_are_those_alone(in_mercy):
    make_partner("Person", kind="physician")
    house = make_partner("House", kind="practice")
    assert list(ORGANISATIONS.find("")) == [house]


def test_every_picker_answers_who_has_its_right_and_nobody_else(in_mercy, client_for):
    access = grant_access(add_member(email="elena@mercy.example", role="partner"), partner=make_partner())
    assert {"partners", "organisations", "competitors", "differentiators"} <= {p.key for p in registered()}
    for picker in registered():
        url = reverse(f"choose:{picker.key}", kwargs={"tenant": "mercy"})
        assert client_for(in_mercy.rep).get(url).status_code == 200
        assert client_for(access.membership).get(url).status_code == 403


def test_matching_puts_beginnings_first(people):
    make_partner("Chang", city="Bonn")
    assert [p.name for p in Partner.objects.matching("ch").by_beginning("ch")][:2] == ["Chang", "Dr. Chow"]
