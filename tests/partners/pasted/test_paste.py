"""A column from a spreadsheet finds partners by code, address or name, and lists the lines that it does not find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.directory.service import set_active
from partners.merges.service import merge_partners
from partners.pasted import service
from partners.pasted.models import PastedColumn
from partners.pasted.queries import pasted
from partners.pasted.rules import LONGEST, MOST_LINES, lines_of
from partners.saved.rules import canonical
from prm.accounts.middleware import actor_of
from prm.core.errors import Refused
from prm.tenancy.context import acting_as, tenant_scope
from tests.partners.factories import make_partner
from tests.partners.pages import page, url


@pytest.fixture
def people(house):
    with tenant_scope(house.tenant):
        return {
            "code": make_partner("Dr. Anna Berg", codes=["AG-1007"]),
            "mail": make_partner("Lakeside Cardiology", email="office@lakeside.example"),
            "name": make_partner("Dr. Tomás Herrera"),
            "twin": make_partner("Jo Lee", city="Salem"),
            "other": make_partner("Jo Lee", city="Boston"),
        }


def paste(house, text):
    with tenant_scope(house.tenant), acting_as(actor_of(house.manager, None, "page")):
        made = service.paste(text, by=house.manager)
        return made, pasted(made.pk)


# --- lines


@given(st.text(max_size=400))
def test_lines_are_short_whole_and_numbered_as_people_count(text):
    try:
        found = lines_of(text)
    except Refused:  # nothing in it
        return
    numbers = [line.number for line in found]
    assert numbers == sorted(set(numbers)) and numbers[0] >= 1
    assert all(cell and len(cell) <= LONGEST for line in found for cell in line.cells)


def test_cells_stand_between_tabs_without_quotes_and_blanks():
    [first, second] = lines_of('"Anna  Berg"\t AG-1007 \r\n\n\t;Jo Lee,')
    assert (first.number, first.cells) == (1, ("Anna Berg", "AG-1007"))
    assert (second.number, second.cells) == (3, ("Jo Lee",))


@pytest.mark.parametrize(("text", "code"), [(" \n\t\n", "required"), ("x\n" * (MOST_LINES + 1), "too_many")])
def test_nothing_and_too_much_are_refused(text, code):
    with pytest.raises(Refused) as refused:
        lines_of(text)
    assert refused.value.code == code


# --- whom they mean


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("AG-1007", "code"),
        ("ag-1007", "code"),
        ("OFFICE@Lakeside.example", "mail"),
        ("Herrera, Tomas", "name"),
        ("dr. tomás herrera", "name"),
        ("7\tAG-1007\tSalem", "code"),
    ],
)
def test_a_line_means_somebody_by_code_address_or_name(house, people, line, who):
    made, _ = paste(house, line)
    assert (made.ids, made.missing) == ([people[who].pk], [])


def test_each_is_found_once_and_what_is_not_certain_is_said(house, people):
    made, kept = paste(house, "AG-1007\nBerg, Anna\nNobody At All\nnot@here.example\nJo Lee")
    assert made.ids == [people["code"].pk]
    assert kept.lines == 5
    whys = {text: why for _, text, why in kept.missing}
    assert whys["Nobody At All"] == whys["not@here.example"] == "Nobody here is called so."
    assert whys["Jo Lee"].startswith("Not certain: Jo Lee")
    assert [number for number, _, _ in kept.missing] == [3, 4, 5]


def test_only_the_last_few_are_kept_and_each_is_its_owners(house, people):
    first, _ = paste(house, "AG-1007")
    for _ in range(service.KEPT):
        last, _ = paste(house, "AG-1007")
    with tenant_scope(house.tenant):
        assert PastedColumn.objects.count() == service.KEPT
        with acting_as(actor_of(house.rep, None, "page")):
            assert pasted(last.pk) is None
        with acting_as(actor_of(house.manager, None, "page")):
            assert pasted(first.pk) is None


def test_it_costs_the_same_for_one_line_and_for_many(house, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(45):
        paste(house, "\n".join(["AG-1007", "Jo Lee", "office@lakeside.example", "x y z"] * 50))


# --- the list


def test_the_list_shows_them_and_the_lines_without_anybody(house, people, client_for):
    bob = client_for(house.manager)
    assert "One per line" in page(bob, "partners/paste/")
    done = bob.post(url("partners/paste/"), {"text": "AG-1007\nHerrera, Tomas\nNobody At All"})
    assert done.status_code == 302
    html = bob.get(done.url).content.decode()
    assert "Dr. Anna Berg" in html and "Dr. Tomás Herrera" in html and "Lakeside" not in html
    assert "2 of 3" in html and "Nobody At All" in html and "1 line means nobody for certain" in html
    again = client_for(house.rep).get(done.url).content.decode()
    assert "Dr. Anna Berg" not in again and "gone: paste it again" in again


def test_the_bar_acts_on_all_of_them(house, people, client_for):
    bob = client_for(house.manager)
    query = bob.post(url("partners/paste/"), {"text": "AG-1007\nHerrera, Tomas"}).url.partition("?")[2]
    body = {"all": "1", "query": query, "said": "2", "go": "1", "active": "no"}
    bob.post(url("partners/selected/active/"), body)
    with tenant_scope(house.tenant):
        for who in people.values():
            who.refresh_from_db()
    assert [name for name, who in people.items() if not who.is_active] == ["code", "name"]


def test_a_partner_merged_since_is_left_out_and_no_view_keeps_a_column(house, people, client_for):
    made, _ = paste(house, "AG-1007\nHerrera, Tomas")
    with tenant_scope(house.tenant):
        merge_partners(people["code"].pk, merged_id=people["name"].pk)
    html = client_for(house.manager).get(url(f"partners/?pasted={made.pk}")).content.decode()
    assert "Dr. Anna Berg" in html and "Dr. Tomás Herrera" not in html
    assert canonical(f"tier=high&pasted={made.pk}") == "tier=high"


def test_who_is_not_active_any_more_is_shown_as_well(house, people, client_for):
    made, _ = paste(house, "AG-1007")
    with tenant_scope(house.tenant):
        set_active([people["code"].pk], is_active=False)
    assert (
        "Dr. Anna Berg" in client_for(house.manager).get(url(f"partners/?pasted={made.pk}")).content.decode()
    )


def test_a_key_cannot_paste(house, people):
    with tenant_scope(house.tenant), pytest.raises(Refused, match="belongs to a person"):
        service.paste("AG-1007", by=None)
