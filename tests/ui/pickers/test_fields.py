"""A row chosen by typing: by id, by words alone, and what is said when the words name none or several."""

import pytest
from django import forms
from django.urls import reverse

from partners.directory.choosing import ACTIVE_PARTNERS, ORGANISATIONS, PANELS, PARTNERS
from partners.directory.models import Partner
from partners.portal.service import grant_access
from prm.accounts.profile.choosing import MEMBERS
from prm.accounts.service import add_member
from prm.ui.pickers.fields import FEW, NameField, PickerField
from prm.ui.pickers.pickers import NOBODY, SHOWN, registered
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
        for member in (in_mercy.rep, in_mercy.manager, in_mercy.administrator, access.membership):
            may = member.may(picker.right)
            assert client_for(member).get(url).status_code == (200 if may else 403), (picker.key, member.role)
        assert in_mercy.administrator.may(picker.right)
        assert not access.membership.may(picker.right)


def test_matching_puts_beginnings_first(people):
    make_partner("Chang", city="Bonn")
    assert [p.name for p in Partner.objects.matching("ch").by_beginning("ch")][:2] == ["Chang", "Dr. Chow"]


class Names(forms.Form):
    partner = NameField(PARTNERS, max_length=20)


@pytest.mark.parametrize(
    ("words", "name"), [("Dr. New", "Dr. New"), ("demir", "demir"), ("", ""), ("x" * 21, None)]
)
def test_a_name_may_be_new(people, words, name):
    form = Names({"partner_words": words})
    assert form.is_valid() is (name is not None)
    assert form.cleaned_data.get("partner") == name
    assert "data-prm-new" in str(form["partner"])


def test_a_name_that_was_chosen_is_the_rows_own(people):
    form = Names({"partner": str(people[0].pk), "partner_words": "cho"})
    assert form.is_valid()
    assert form.cleaned_data["partner"] == "Dr. Chow"


class Panels(forms.Form):
    rep = PickerField(PANELS, required=False, few=FEW)


def test_having_none_can_be_chosen(in_mercy, client_for):
    for sent in ({"rep": NOBODY}, {"rep_words": "Nobody"}):
        form = Panels(sent)
        assert form.is_valid()
        assert form.cleaned_data["rep"] == NOBODY
    assert '<option value="nobody" selected>Nobody</option>' in str(Panels({"rep": NOBODY})["rep"])
    client = client_for(in_mercy.rep)
    assert 'data-value="nobody"' in client.get("/t/mercy/choose/panels/", {"q": "nob"}).text
    assert 'data-value="nobody"' not in client.get("/t/mercy/choose/panels/", {"q": "rep"}).text
    assert not PickerField(MEMBERS, required=False).picker.means_none(NOBODY)


def test_members_are_found_by_name_and_address(in_mercy, client_for):
    add_member(email="otto@mercy.example", role="rep", name="Otto")
    options = client_for(in_mercy.rep).get("/t/mercy/choose/members/", {"q": "otto@"}).text
    assert 'data-words="Otto"' in options
    assert shows(options, "<small>Rep, otto@mercy.example</small>")


def test_what_is_chosen_now_is_offered_also_where_it_left_the_list(people):
    Partner.objects.filter(pk=people[0].pk).update(is_active=False)
    field = PickerField(ACTIVE_PARTNERS)
    assert people[0] not in field.queryset
    field.offer_also(people[0].pk)
    assert [str(row) for row in field.queryset] == ["Dr. Chow", "Dr. Chowdhury", "Dr. Demir"]
    field.offer_also(None)
    assert people[0] in field.queryset
