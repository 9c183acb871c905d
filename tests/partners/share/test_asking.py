"""Reps are asked for estimates, find the question on Today, answer it there, and it goes away."""

from datetime import date
from decimal import Decimal

import pytest

from partners.bulk.service import change_many, undo_change
from partners.directory.models import Partner
from partners.share import queries, service
from partners.share.models import EstimateRequest, ShareEstimate
from partners.share.states import RequestState
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_estimate, make_partner
from tests.partners.pages import page, url

JSON = {"content_type": "application/json"}
FRESH = date(2026, 11, 1)


@pytest.fixture
def ann(house):
    with tenant_scope(house.tenant):
        return make_partner("Ann", rep=house.rep)


def states():
    return list(EstimateRequest.objects.order_by("asked_at", "pk").values_list("state", flat=True))


def test_who_is_in_a_panel_is_asked_about_once(house, ann):
    with tenant_scope(house.tenant):
        alone, away = make_partner("Alone"), make_partner("Away", rep=house.rep, is_active=False)
        everybody = [ann.pk, alone.pk, away.pk]
        assert service.ask_reps(everybody, note=" Quarter ", by=house.manager) == [ann.pk]
        assert service.ask_reps(everybody, by=house.manager) == []
        [asked] = queries.asked_of(house.rep.pk)
        assert (asked.partner_id, asked.note, asked.asked_by) == (ann.pk, "Quarter", house.manager)
        assert queries.asked_of(house.manager.pk) == []


def test_the_question_goes_with_the_panel_and_away_with_the_partner(house, ann):
    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk])
        Partner.objects.filter(pk=ann.pk).update(rep=house.manager)
        assert [len(queries.asked_of(who.pk)) for who in (house.rep, house.manager)] == [0, 1]
        Partner.objects.filter(pk=ann.pk).update(is_active=False)
        assert queries.asked_of(house.manager.pk) == []
        assert queries.open_count() == 0


@pytest.mark.parametrize("way", ["one", "many"])
def test_an_estimate_answers_however_it_comes_but_an_old_one_does_not(house, ann, way):
    def bring(as_of):
        if way == "one":
            return make_estimate(ann, 1, 2, 3, as_of=as_of)
        new = service.NewEstimate(ann.pk, Decimal(1), Decimal(2), Decimal(3), "List", as_of)
        return service.add_estimates([new])[0]

    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk])
        bring(date(2020, 1, 1))
        assert states() == [RequestState.OPEN]
        made = bring(FRESH)
        asked = EstimateRequest.objects.get()
        assert (asked.state, asked.estimate_id) == (RequestState.ANSWERED, made.pk)
        assert asked.closed_at is not None


def test_a_removed_estimate_opens_its_question_again_and_comes_back_as_it_was(house, ann):
    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk])
        made = make_estimate(ann, 1, 2, 3, as_of=FRESH, by=None)
        service.remove_estimate(made.pk)
        assert states() == [RequestState.OPEN]
        back = service.restore_estimate(made.pk)
        kept = [field.attname for field in ShareEstimate._meta.concrete_fields]
        assert {name: getattr(back, name) for name in kept} == {name: getattr(made, name) for name in kept}
        assert states() == [RequestState.ANSWERED]
        assert service.restore_estimate(made.pk) == back
        with pytest.raises(Refused, match="Nothing is known"):
            service.restore_estimate(ann.pk)


def test_removed_after_a_second_question_it_leaves_one_open(house, ann):
    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk])
        made = make_estimate(ann, 1, 2, 3, as_of=FRESH)
        service.ask_reps([ann.pk])
        service.remove_estimate(made.pk)
        assert sorted(states()) == [RequestState.ANSWERED, RequestState.OPEN]
        assert not EstimateRequest.objects.exclude(estimate=None).exists()


def test_cannot_say_closes_it_and_is_taken_back(house, ann):
    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk])
        asked = queries.open_request(ann.pk)
        assert service.decline_request(asked.pk).state == RequestState.UNKNOWN
        assert service.decline_request(asked.pk).state == RequestState.UNKNOWN
        assert service.reopen_request(asked.pk).state == RequestState.OPEN
        assert service.withdraw_requests([ann.pk]) == [ann.pk]
        for act in (service.decline_request, service.reopen_request):
            with pytest.raises(Refused):
                act(asked.pk)


def test_the_same_source_in_other_letters_is_one_source(house, ann):
    with tenant_scope(house.tenant):
        make_estimate(ann, 1, 2, 3, source="Claims  data")
        make_estimate(ann, 2, 3, 4, source="claims DATA", as_of=FRESH)
        new = service.NewEstimate(ann.pk, Decimal(1), Decimal(2), Decimal(3), "CLAIMS data", FRESH)
        service.add_estimates([new])
        assert {one.source for one in ShareEstimate.objects.all()} == {"Claims data"}


# --- pages


def test_a_rep_finds_it_on_today_answers_and_it_is_gone(house, ann, client_for):
    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk], note="For the review", by=house.manager)
    mary = client_for(house.rep)
    today = page(mary, "today/")
    assert "What do they send in all?" in today and "“For the review”" in today
    form = page(mary, f"partners/{ann.pk}/estimates/add/")
    assert "I cannot say" in form and "“For the review”" in form
    body = {"low": "100", "middle": "200", "high": "300", "source": "Their word", "as_of": "2026-11-01"}
    done = mary.post(url(f"partners/{ann.pk}/estimates/add/?next={url('today/')}"), body)
    assert done.status_code == 302
    assert "What do they send in all?" not in page(mary, "today/")
    assert "I cannot say" not in page(mary, f"partners/{ann.pk}/estimates/add/")


def test_cannot_say_from_the_form_comes_back_by_undo(house, ann, client_for):
    with tenant_scope(house.tenant):
        service.ask_reps([ann.pk])
        asked = queries.open_request(ann.pk)
    mary, there = client_for(house.rep), url(f"estimate-requests/{asked.pk}/decline/")
    mary.post(there, {"next": url("today/")})
    assert "What do they send in all?" not in page(mary, "today/")
    assert "who cannot say" in page(client_for(house.manager), f"partners/{ann.pk}/")
    mary.post(there, {"open": "1"})
    assert "What do they send in all?" in page(mary, "today/")


def test_a_manager_asks_from_the_page_and_takes_it_back(house, ann, client_for):
    bob, where = client_for(house.manager), f"partners/{ann.pk}/"
    assert "Ask Mary" in page(bob, where)
    bob.post(url(f"{where}estimates/ask/"), {"note": ""})
    asked = page(bob, where)
    assert "no answer yet" in asked and "Ask Mary" not in asked
    bob.post(url(f"{where}estimates/ask/"), {"note": ""})
    bob.post(url(f"{where}estimates/withdraw/"))
    with tenant_scope(house.tenant):
        assert states() == [RequestState.WITHDRAWN]
    assert client_for(house.rep).get(url(f"{where}estimates/ask/")).status_code == 403


def test_sources_say_their_range_age_and_part(house, ann, client_for):
    with tenant_scope(house.tenant):
        make_estimate(ann, 900, 1000, 1200, source="Claims", as_of=FRESH, by=None)
        old = make_estimate(ann, 800, 1000, 1300, source="Survey", as_of=date(2024, 1, 1))
    bob = client_for(house.manager)
    html = page(bob, f"partners/{ann.pk}/")
    assert "$1,000, $900 to $1,200" in html
    assert "Jan 2024, 2 years old: counts for less" in html
    assert html.index("Claims</b>") < html.index("Survey</b>")
    assert html.count("counts ") == 3
    bob.post(url(f"estimates/{old.pk}/remove/"))
    assert "Survey</b>" not in page(bob, f"partners/{ann.pk}/")
    bob.post(url(f"estimates/{old.pk}/restore/"))
    assert "Survey</b>" in page(bob, f"partners/{ann.pk}/")


# --- many at once, and the API


def test_many_are_asked_by_the_bar_and_found_by_the_filter(house, ann, client_for):
    with tenant_scope(house.tenant):
        alone = make_partner("Alone")
        make_estimate(alone, 1, 2, 3, as_of=date(2020, 1, 1))
        done = change_many([ann.pk, alone.pk], action="ask", values={"note": ""})
        assert str(done) == "1 provider whose reps are asked for an estimate; 1 are in nobody’s panel"
    bob = client_for(house.manager)

    def names(asked):
        return [one["name"] for one in bob.get(f"/api/v1/mercy/partners/?estimate={asked}").json()["results"]]

    assert (names("asked"), names("old")) == (["Ann"], ["Alone"])
    with tenant_scope(house.tenant):
        assert undo_change(done.pk).put_back == 1
    assert names("asked") == []


def test_the_api_asks_answers_and_takes_back(house, ann, client_for):
    bob, mary, where = client_for(house.manager), client_for(house.rep), "/api/v1/mercy/estimate-requests/"
    body = {"partner": str(ann.pk), "note": "Now"}
    assert mary.post(where, body, **JSON).status_code == 403
    made = bob.post(where, body, **JSON)
    assert (made.status_code, bob.post(where, body, **JSON).status_code) == (201, 200)
    one = f"{where}{made.json()['id']}/"
    assert mary.post(f"{one}decline/").json()["state"] == "unknown"
    assert bob.delete(one).json()["code"] == "already_done"
    again = bob.post(where, body, **JSON).json()["id"]
    assert bob.delete(f"{where}{again}/").status_code == 204
    with tenant_scope(house.tenant):
        alone = make_partner("Alone")
    refused = bob.post(where, {"partner": str(alone.pk)}, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (400, "no_rep")
