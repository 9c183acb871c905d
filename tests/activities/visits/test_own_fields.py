"""Own fields of visits: in the quick log and its correction, the list, files, the API, taken back and restored."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.visits.models import Visit, VisitValue
from activities.visits.service import change_visit, log_visit, remove_visit, restore_visit
from prm.core.errors import Refused
from prm.ownfields.models import OwnField
from prm.ownfields.service import add_field, change_field
from prm.ownfields.values import values_of
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.lists.factories import bring, give_back, read
from tests.activities.pages import url, visit_data
from tests.partners.factories import make_partner

LIST, API = "/t/mercy/visits/", "/api/v1/mercy/visits/"


@pytest.fixture
def elena(in_mercy):
    """A partner; visits have fields of three types."""
    add_field(of="visit", name="Slides shown", type="number")
    add_field(of="visit", name="Mood", type="choice", choices=["Warm", "Cool"])
    add_field(of="visit", name="Lunch", type="text")
    return make.partner(rep=in_mercy.rep)


@pytest.fixture
def mary(in_mercy, client_for):
    return client_for(in_mercy.rep)


def log(elena, rep, **own):
    return log_visit(partner=elena, rep=rep, details=make.visit_input(), own=own).visit


def own(visit):
    return values_of("visit", [visit.pk])[visit.pk]


def test_they_are_logged_corrected_and_emptied_on_the_page(in_mercy, elena, mary):
    assert "Slides shown" in mary.get(url("log", query=f"?partner={elena.pk}")).text
    sent = visit_data(elena, own_slides_shown="12", own_mood="warm", own_lunch="Soup")
    assert mary.post(url("log"), sent).status_code in (302, 303)
    visit = Visit.objects.get()
    assert own(visit) == {"slides_shown": "12", "mood": "warm", "lunch": "Soup"}
    assert 'value="Soup"' in mary.get(url("visit", pk=visit.pk)).text
    mary.post(
        url("visit", pk=visit.pk), visit_data(elena, own_slides_shown="12.5", own_mood="", own_lunch="Soup")
    )
    assert own(visit) == {"slides_shown": "12.5", "lunch": "Soup"}


def test_what_cannot_be_stands_at_its_field(elena, mary):
    answer = mary.post(url("log"), visit_data(elena, own_slides_shown="many"))
    assert not Visit.objects.exists()
    assert "own_slides_shown" in answer.text


def test_a_wrong_value_keeps_nothing_of_the_visit(in_mercy, elena):
    with pytest.raises(Refused) as refused:
        log(elena, in_mercy.rep, mood="furious")
    assert refused.value.field == "own_mood"
    assert not Visit.objects.exists()


def test_taken_back_and_restored_they_are_as_before(in_mercy, elena):
    visit = log(elena, in_mercy.rep, mood="warm")
    change_visit(visit=visit, details=make.visit_input(), own={"slides_shown": 3})
    pk, before = visit.pk, own(visit)
    remove_visit(visit=visit, by=in_mercy.rep)
    assert not VisitValue.objects.exists()
    restored = restore_visit(visit_id=pk, by=in_mercy.rep).visit
    assert own(restored) == before == {"mood": "warm", "slides_shown": "3"}


def test_a_field_that_is_gone_meanwhile_does_not_keep_the_visit_away(in_mercy, elena):
    visit = log(elena, in_mercy.rep, mood="warm", lunch="Soup")
    pk = visit.pk
    remove_visit(visit=visit, by=in_mercy.rep)
    OwnField.objects.get(of="visit", key="lunch").delete()
    vars(in_mercy.tenant).pop("_own_fields", None)
    assert own(restore_visit(visit_id=pk, by=in_mercy.rep).visit) == {"mood": "warm"}


def test_the_timeline_says_them(in_mercy, elena, mary):
    log(elena, in_mercy.rep, mood="warm", slides_shown=4)
    assert "Slides shown 4 · Mood Warm" in mary.get(f"/t/mercy/timeline/?partner={elena.pk}").text


def test_the_list_shows_sorts_filters_and_exports_them(in_mercy, elena, mary):
    for mood, slides in (("warm", 2), ("cool", 10), ("warm", None)):
        log(elena, in_mercy.rep, mood=mood, slides_shown=slides, lunch=f"Soup {slides}")
    page = mary.get(LIST).text
    assert "Slides shown" in page
    assert mary.get(f"{LIST}?sort=-own_slides_shown").text.index("Soup 10") < mary.get(
        f"{LIST}?sort=-own_slides_shown"
    ).text.index("Soup 2")
    assert mary.get(f"{LIST}?own_mood=cool").text.count("Soup") == 1
    assert "from 3" in mary.get(f"{LIST}?own_slides_shown_from=3").text
    rows = list(csv.DictReader(mary.get(f"{LIST}?export=csv").getvalue().decode("utf-8-sig").splitlines()))
    assert {row["Mood"] for row in rows} == {"Warm", "Cool"}
    assert len(rows) == 3


def test_the_list_asks_as_often_for_many(in_mercy, elena, mary):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            mary.get(LIST)
        return len(queries)

    log(elena, in_mercy.rep, mood="warm")
    asked()
    before = asked()
    for _ in range(4):
        log(make_partner(), in_mercy.rep, mood="cool", lunch="Soup")
    assert asked() == before


def test_the_api_takes_answers_and_filters_them(in_mercy, elena, mary):
    body = {
        "partner": str(elena.pk), "channel": "phone", "purpose": "relationship", "happened_at": "2026-01-15T09:40:00Z",
        "own": {"mood": "Warm", "slides_shown": 7},
    }  # fmt: skip
    made = mary.post(API, body, content_type="application/json").json()
    assert made["own"] == {"mood": "warm", "slides_shown": "7"}
    changed = mary.patch(
        f"{API}{made['id']}/", {"own": {"mood": None}}, content_type="application/json"
    ).json()
    assert changed["own"] == {"slides_shown": "7"}
    assert mary.get(f"{API}?own_slides_shown_to=6").json()["count"] == 0
    assert mary.get(f"{API}?own_slides_shown_to=7").json()["count"] == 1
    wrong = mary.patch(f"{API}{made['id']}/", {"own": {"beds": 1}}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "own")


def test_they_come_from_files_and_go_back(in_mercy, elena):
    make_partner("Elm Street", kind="practice", codes=["C7"])
    text = "Code,Date,Rep,How,Purpose,Mood,Slides shown\nC7,2026-03-02 09:30,mary@mercy.example,In person,Relationship,Warm,4\n"
    run = bring(text, kind="visits")
    visit = Visit.objects.get()
    assert own(visit) == {"mood": "warm", "slides_shown": "4"}
    assert read(text, kind="visits").counts == {"unchanged": 1}
    changed = bring(text.replace("Warm,4", "Cool,5"), kind="visits")
    assert own(visit) == {"mood": "cool", "slides_shown": "5"}
    give_back(changed)
    assert own(visit) == {"mood": "warm", "slides_shown": "4"}
    give_back(run)
    assert not Visit.objects.exists()


def test_an_archived_field_is_nowhere_and_comes_back(in_mercy, elena, mary):
    visit = log(elena, in_mercy.rep, mood="warm")
    field = OwnField.objects.get(of="visit", key="mood")
    change_field(field.pk, is_archived=True)
    assert "Mood" not in mary.get(LIST).text
    assert own(visit) == {}
    change_field(field.pk, is_archived=False)
    assert own(visit) == {"mood": "warm"}


def test_another_tenants_fields_are_not_there(in_mercy, elena, anchor):
    with tenant_scope(anchor.tenant):
        theirs = make.partner(rep=anchor.rep)
        with pytest.raises(Refused, match="none yet"):
            log(theirs, anchor.rep, mood="warm")
