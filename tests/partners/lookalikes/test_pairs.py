"""Pairs that look like one: found by night, asked about on adding, answered, and remembered."""

from datetime import timedelta

import pytest
from django.test import Client

from partners.directory.models import Partner
from partners.directory.service import add_alias, update_partner
from partners.lookalikes import service
from partners.lookalikes.models import LookAlike
from partners.merges.service import merge_partners, undo_merge
from partners.profiles.filters import PartnerFilter
from prm.core.errors import Refused
from prm.core.ids import uuid7
from tests.partners.factories import make_partner
from tests.partners.pages import NOW


@pytest.fixture
def tenant(house, scope):
    with scope():
        yield house


@pytest.fixture
def client(house):
    client = Client()
    client.force_login(house.manager.user)
    return client


def look():
    service.look_for(60, lag=timedelta(0))


def pairs():
    return [{str(pair.first), str(pair.second)} for pair in LookAlike.objects.open().by_money()]


def test_pairs_are_found_once_whatever_the_order(tenant):
    make_partner("Dr. Elena Marchetti", phone="(555) 010-2217")
    make_partner("John Smith", phone="555 010 2217")
    make_partner("Marchetti, E.", phone="555 010 2217")
    look()
    look()
    assert pairs() == [{"Dr. Elena Marchetti", "Marchetti, E."}]
    assert "Same phone" in LookAlike.objects.get().reasons


def test_what_is_found_by_e_mail_or_code_needs_no_similar_word(tenant):
    make_partner("Hanna Brandvolt", email="HB@clinic.example")
    make_partner("Hannah Brandvold", email="hb@clinic.example")
    make_partner("Ann Li", codes=[("Epic", "10017")])
    make_partner("Ann Lee", codes=[("Meditech", "0010017")])
    look()
    assert len(pairs()) == 2


def test_two_stay_two_and_later_stays_in_the_list(tenant):
    make_partner("Ann Lee")
    make_partner("Lee, Ann")
    look()
    pair = LookAlike.objects.get()
    service.decide(pair.pk, state="later")
    assert len(pairs()) == 1
    service.decide(pair.pk, state="apart")
    update_partner(pair.first_id, city="Troy")
    look()
    assert pairs() == []
    service.decide(pair.pk, state="open")
    assert len(pairs()) == 1
    with pytest.raises(Refused):
        service.decide(pair.pk, state="married")
    with pytest.raises(Refused):
        service.decide(uuid7(), state="apart")


def test_an_open_pair_goes_when_a_name_was_corrected(tenant, clock_at):
    one = make_partner("Ann Lee")
    make_partner("Lee, Ann")
    look()
    clock_at(NOW + timedelta(minutes=1))
    update_partner(one.pk, name="Robert Frost")
    look()
    assert LookAlike.objects.count() == 0


def test_a_merged_pair_is_no_question_any_more(tenant):
    one, other = make_partner("Ann Lee"), make_partner("Lee, Ann")
    look()
    merge = merge_partners(one.pk, merged_id=other.pk)
    assert pairs() == []
    undo_merge(merge.pk)
    assert len(pairs()) == 1


def test_another_name_is_found_by_lists_guesses_and_likeness(tenant):
    elena = make_partner("Elena Rossi")
    add_alias(elena.pk, name="Helena Marchetti")
    add_alias(elena.pk, name="helena marchetti")
    assert elena.aliases.count() == 1
    make_partner("Helena Marchetti")
    look()
    assert pairs() == [{"Elena Rossi", "Helena Marchetti"}]
    found = PartnerFilter({"q": "helena"}, Partner.objects.all()).qs
    assert {partner.name for partner in found} == {"Elena Rossi", "Helena Marchetti"}
    for bad in ("", "x" * 201):
        with pytest.raises(Refused):
            add_alias(elena.pk, name=bad)


def test_who_is_made_from_the_queue_is_looked_at_at_once(tenant, client):
    from tests.orders.factories import import_rows, make_source

    make_partner("Ann Lee")
    import_rows(make_source(), "1,2026-05-10,X1,A,1,10")
    client.post("/t/mercy/orders/unattributed/new/", {"code": "X1", "name": "Lee, Ann"})
    assert pairs() == [{"Ann Lee", "Lee, Ann"}]


def test_adding_the_same_name_in_the_same_city_asks_first(house, client, scope):
    with scope():
        known = make_partner("Dr. Elena Marchetti", city="Riverside")
    new = {"name": "Elena Marchetti", "kind": "agent", "city": "riverside"}
    asked = client.post("/t/mercy/partners/add/", new).content.decode()
    assert "Is it one of these?" in asked
    assert f"/partners/{known.pk}/" in asked
    assert f'value="{known.pk}"' in asked
    with scope():
        assert Partner.objects.count() == 1
    client.post("/t/mercy/partners/add/", new | {"another_than": str(known.pk)})
    with scope():
        assert Partner.objects.count() == 2


def test_the_api_answers_409_with_who_it_may_be_and_takes_a_yes(house, client, scope):
    with scope():
        known = make_partner("Dr. Elena Marchetti", city="Riverside")
    new = {"name": "Elena Marchetti", "kind": "agent", "city": "Riverside"}
    asked = client.post("/api/v1/mercy/partners/", new, content_type="application/json")
    assert (asked.status_code, asked.json()["code"]) == (409, "looks_like")
    assert [one["id"] for one in asked.json()["candidates"]] == [str(known.pk)]
    said = new | {"another_than": [one["id"] for one in asked.json()["candidates"]]}
    assert client.post("/api/v1/mercy/partners/", said, content_type="application/json").status_code == 201
    third = client.post("/api/v1/mercy/partners/", said, content_type="application/json")
    assert third.status_code == 409  # the one just added is another one again


def test_the_list_shows_reasons_and_its_buttons_answer(house, client, scope):
    with scope():
        make_partner("Ann Lee", city="Troy")
        make_partner("Lee, Ann", city="Troy")
    client.post("/t/mercy/look-alikes/look/")
    shown = client.get("/t/mercy/look-alikes/").content.decode()
    assert "Same name, Both in Troy" in shown and "Same name. Both in Troy." in shown
    assert (
        'data-key="N"' in shown
        and 'data-key="S"' in shown
        and 'data-key="2"' not in shown.partition("What moves")[2]
    )
    assert "Merge into Ann Lee" in shown or "Merge into Lee, Ann" in shown
    swapped = client.get("/t/mercy/look-alikes/?swap=1").content.decode()
    assert ("Merge into Ann Lee" in shown) != ("Merge into Ann Lee" in swapped)
    with scope():
        pair = LookAlike.objects.get()
    client.post(f"/t/mercy/look-alikes/{pair.pk}/apart/")
    assert "No two look alike" in client.get("/t/mercy/look-alikes/").content.decode()
    assert "Ann Lee" in client.get("/t/mercy/look-alikes/?apart=1").content.decode()
    answer = client.patch(
        f"/api/v1/mercy/look-alikes/{pair.pk}/", {"state": "open"}, content_type="application/json"
    )
    assert answer.json()["state"] == "open"
