"""A review of a quarter: opened, decided, signed by one or two, in force on its day, opened again with a trail."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partners.directory.models import Partner
from partners.reviews.cycle import service
from partners.reviews.cycle.models import CycleDecision, ReviewCycle
from partners.reviews.cycle.queries import progress, to_decide, unsettled
from partners.reviews.cycle.rules import after_signing, effective_day
from partners.reviews.cycle.states import CycleState
from partners.reviews.models import TierReview
from partners.reviews.service import UNTIL_CHANGED, Asked, decide_many, undo_reviews
from partners.standing.service import recompute_standings
from prm.core.calendar import quarter_start, today
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.partners.pages import NOW, REASON, make_rising

BOARD, API = "/t/mercy/tier-review/", "/api/v1/mercy/review-cycles/"
DAY = date(2027, 1, 1)


@pytest.fixture
def review(house, scope):
    """An open review with two proposals, low to high."""
    with scope():
        ann, ben = make_rising("Ann"), make_rising("Ben")
        cycle = service.open_cycle(by=house.manager)
    return cycle, ann, ben


def asked(*partners):
    return [Asked(one.pk, "low", "high") for one in partners]


def note(cycle, *partners, decision="accept", by=None, **more):
    return service.note_decisions(cycle.pk, asked(*partners), decision=decision, by=by, **more)


def tier(partner):
    return Partner.objects.get(pk=partner.pk).tier


def apply_all():
    while service.apply_due():
        pass


# --- rules --------------------------------------------------------------------------------------


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.integers(1, 12))
def test_a_review_is_in_force_with_the_quarter_that_follows(day, year_starts):
    on = effective_day(day, year_starts)
    assert on > day
    assert on == quarter_start(on, year_starts)
    assert (on - day).days <= 92


@given(st.sampled_from(CycleState), st.booleans())
def test_signing_twice_is_signing_once_and_never_goes_back(state, two_people):
    once = after_signing(state, two_people=two_people)
    order = list(CycleState)
    assert order.index(once) >= order.index(state)
    settled = after_signing(once, two_people=two_people)
    assert after_signing(settled, two_people=two_people) == settled


# --- the way of a review --------------------------------------------------------------------------


def test_decisions_change_nothing_before_their_day(review, house, scope, clock_at):
    cycle, ann, ben = review
    with scope():
        note(cycle, ann, by=house.manager)
        note(cycle, ben, decision="hold", reason=REASON, by=house.manager)
        assert progress(cycle, today(house.tenant)).why_not == ""
        service.sign_cycle(cycle.pk, by=house.manager)
        apply_all()
        assert (tier(ann), tier(ben)) == ("low", "low")
        assert not TierReview.objects.exclude(decision="initial").exists()
        clock_at(datetime(2027, 1, 1, 15, tzinfo=UTC))
        apply_all()
        assert (tier(ann), tier(ben)) == ("high", "low")
        signed = TierReview.objects.get(partner=ann, decision="accept")
        assert (signed.effective_on, signed.signed_by_id) == (DAY, house.manager.pk)
        assert signed.evidence["cycle"] == str(cycle.pk)
        held = TierReview.objects.get(partner=ben, decision="hold")
        assert held.reason == REASON
        assert ReviewCycle.objects.get().state == CycleState.IN_FORCE
        assert set(CycleDecision.objects.values_list("review", flat=True)) == {signed.pk, held.pk}


def test_signing_waits_until_all_are_decided(review, house, scope):
    cycle, ann, _ = review
    with scope():
        note(cycle, ann)
        with pytest.raises(Refused, match="1 are not decided"):
            service.sign_cycle(cycle.pk, by=house.manager)


def test_closed_twice_at_once_is_closed_once(review, house, scope):
    cycle, ann, ben = review
    with scope():
        note(cycle, ann, ben)
        first = service.sign_cycle(cycle.pk, by=house.manager)
        second = service.sign_cycle(cycle.pk, by=house.administrator)
        assert second.signed_by_id == first.signed_by_id == house.manager.pk
        assert second.second_by_id is None
        assert ReviewCycle.objects.count() == 1


def test_two_people_sign_where_the_tenant_wants_it(review, house, scope):
    cycle, ann, ben = review
    with scope():
        service.set_review_settings(two_people=True, every_quarter=False)
        note(cycle, ann, ben)
        assert service.sign_cycle(cycle.pk, by=house.manager).state == CycleState.SIGNED_ONCE
        with pytest.raises(Refused, match="second person"):
            service.sign_cycle(cycle.pk, by=house.manager)
        done = service.sign_cycle(cycle.pk, by=house.administrator)
        assert (done.state, done.second_by_id) == (CycleState.SIGNED, house.administrator.pk)


def test_opening_again_leaves_a_trail_and_asks_why(review, house, scope):
    cycle, ann, ben = review
    with scope():
        note(cycle, ann, ben)
        service.sign_cycle(cycle.pk, by=house.manager)
        with pytest.raises(Refused, match="open it again"):
            note(cycle, ann)
        with pytest.raises(Refused):
            service.reopen_cycle(cycle.pk, by=house.manager, reason="Because.")
        again = service.reopen_cycle(cycle.pk, by=house.manager, reason="Two proposals were read wrongly.")
        assert (again.state, again.signed_by, again.reopened_by_id) == ("open", None, house.manager.pk)
        states = ReviewCycle.pgh_event_model.objects.order_by("pgh_id").values_list("state", flat=True)
        assert list(states) == ["open", "signed", "open"]
        assert CycleDecision.objects.count() == 2


def test_what_is_in_force_is_not_opened_again(review, house, scope, clock_at):
    cycle, ann, ben = review
    with scope():
        note(cycle, ann, ben)
        service.sign_cycle(cycle.pk, by=house.manager)
        clock_at(datetime(2027, 1, 1, 15, tzinfo=UTC))
        apply_all()
        with pytest.raises(Refused, match="in force"):
            service.reopen_cycle(cycle.pk, by=house.manager, reason="Two proposals were read wrongly.")


def test_a_decision_is_taken_back_and_made_anew(review, scope):
    cycle, ann, ben = review
    with scope():
        kept = note(cycle, ann, ben).kept
        assert service.take_back([one.pk for one in kept])
        assert to_decide(cycle, NOW.date()).count() == 2
        note(cycle, ann)
        note(cycle, ann, decision="override", tier="medium", reason=REASON, until_changed=True)
        only = CycleDecision.objects.get()
        assert (only.decision, only.tier, only.until_changed) == ("override", "medium", True)


def test_one_that_has_changed_meanwhile_is_named_and_stops_no_other(review, scope):
    cycle, ann, ben = review
    with scope():
        done = service.note_decisions(
            cycle.pk, [Asked(ann.pk, "low", "medium"), *asked(ben)], decision="accept", by=None
        )
        assert (len(done.kept), len(done.refused)) == (1, 1)
        assert "Ann" in done.refused[0]


def test_who_was_decided_otherwise_before_the_day_is_left_out_and_said(review, house, scope, clock_at):
    cycle, ann, ben = review
    with scope():
        note(cycle, ann, ben)
        service.sign_cycle(cycle.pk, by=house.manager)
        Partner.objects.filter(pk=ann.pk).update(tier="medium")
        clock_at(datetime(2027, 1, 1, 15, tzinfo=UTC))
        apply_all()
        assert (tier(ann), tier(ben)) == ("medium", "high")
        assert "otherwise" in CycleDecision.objects.get(partner=ann).left_out


def test_one_review_is_open_at_a_time_and_its_day_is_not_past(review, house, scope):
    with scope():
        with pytest.raises(Refused, match="not signed yet"):
            service.open_cycle(by=house.manager)
        with pytest.raises(Refused, match="today or later"):
            service.open_cycle(by=house.manager, effective_on=NOW.date() - timedelta(days=1))


def test_a_review_opens_by_itself_once_a_quarter_where_that_is_arranged(house, scope, clock_at):
    with scope():
        make_rising("Ann")
        assert service.open_due() is None
        service.set_review_settings(two_people=False, every_quarter=True)
        assert service.open_due().name == "Q4 2026"
        assert service.open_due() is None
        note(unsettled(), *Partner.objects.all())
        service.sign_cycle(unsettled().pk, by=house.manager)
        assert service.open_due() is None


def test_a_review_of_today_is_put_in_force_by_a_task_at_once(
    house, scope, django_capture_on_commit_callbacks
):
    with scope():
        ann = make_rising("Ann")
        cycle = service.open_cycle(by=house.manager, effective_on=NOW.date())
        note(cycle, ann)
        service.sign_cycle(cycle.pk, by=house.manager)
        apply_all()
        assert tier(ann) == "high"


def test_until_changed_holds_beyond_every_review(house, scope):
    with scope():
        ann = make_rising("Ann")
        done = decide_many(asked(ann), decision="hold", reason=REASON, by=house.manager, until_changed=True)
        ann.refresh_from_db()
        assert ann.tier_held_until == UNTIL_CHANGED
        assert undo_reviews([done.reviews[0].pk], by=house.manager).reviews
        ann.refresh_from_db()
        assert ann.tier_held == ""


def test_nobody_changes_tier_twice_inside_the_minimum_stay(review, house, scope, clock_at):
    cycle, ann, ben = review
    with scope():
        note(cycle, ann, ben)
        service.sign_cycle(cycle.pk, by=house.manager)
        clock_at(datetime(2027, 1, 1, 15, tzinfo=UTC))
        apply_all()
        ann.months.update(revenue=0)
        recompute_standings([ann.pk])
        assert not to_decide(None, DAY).exists()


# --- pages ----------------------------------------------------------------------------------------


def token(partner):
    return f"{partner.pk}:low:high"


def test_the_board_goes_from_opening_to_signing(house, scope, client_for):
    with scope():
        ann, ben = make_rising("Ann"), make_rising("Ben")
    bob = client_for(house.manager)
    bob.post(BOARD + "open/", {"name": "Autumn", "effective_on": "2027-01-01"})
    html = bob.get(BOARD).content.decode()
    assert "Autumn, figures to 23 Nov" in html
    assert "0 of 2 decided" in " ".join(html.split())
    assert "Decide the last 2 to sign." in html
    page = bob.post(
        BOARD + "decide/", {"accept": [token(ann)], "decision": "accept"}, follow=True
    ).content.decode()
    assert "1 proposal decided." in page
    bob.post(f"{BOARD}{ben.pk}/hold/", {"from_tier": "low", "proposed_tier": "high", "reason": REASON})
    html = bob.get(BOARD, {"show": "decided"}).content.decode()
    assert REASON in html
    with scope():
        cycle, held = unsettled(), CycleDecision.objects.get(partner=ben)
    bob.post(BOARD + "take-back/", {"decision": str(held.pk)})
    bob.post(BOARD + "decide/", {"accept": [token(ben)], "decision": "hold", "reason": REASON})
    page = bob.post(f"{BOARD}cycles/{cycle.pk}/sign/", follow=True).content.decode()
    assert "Autumn is signed." in page
    assert "in force from 1 Jan 2027" in " ".join(page.split())
    bob.post(f"{BOARD}cycles/{cycle.pk}/reopen/", {"reason": "Two proposals were read wrongly."})
    assert "Two proposals were read wrongly." in bob.get(BOARD).content.decode()


def test_several_are_held_for_one_reason_and_taken_back_together(house, scope, client_for):
    with scope():
        ann, ben = make_rising("Ann"), make_rising("Ben")
    bob = client_for(house.manager)
    tokens = [token(ann), token(ben), "nonsense"]
    short = bob.post(BOARD + "decide/", {"accept": tokens, "decision": "hold", "reason": "No."}, follow=True)
    assert "at least 20" in short.content.decode()
    bob.post(BOARD + "decide/", {"accept": tokens, "decision": "hold", "reason": REASON})
    with scope():
        ids = [str(pk) for pk in TierReview.objects.filter(decision="hold").values_list("pk", flat=True)]
        assert len(ids) == 2
    assert (
        "2 decisions undone."
        in bob.post(BOARD + "undo/", {"review": ",".join(ids)}, follow=True).content.decode()
    )


def test_the_board_of_a_review_takes_the_same_queries_for_any_number(review, house, scope, client_for):
    bob = client_for(house.manager)

    def count():
        bob.get(BOARD, {"show": "decided"})
        with CaptureQueriesContext(connection) as queries:
            bob.get(BOARD, {"show": "decided"})
        return len(queries)

    cycle, ann, ben = review
    with scope():
        note(cycle, ann)
    few = count()
    with scope():
        note(cycle, ben, *(make_rising(f"More {n}") for n in range(4)))
    assert count() == few


def test_a_rep_neither_opens_nor_signs(review, house, client_for):
    cycle, _, _ = review
    mary = client_for(house.rep)
    for path in (
        "open/",
        "settings/",
        "take-back/",
        f"cycles/{cycle.pk}/sign/",
        f"cycles/{cycle.pk}/reopen/",
    ):
        assert mary.post(BOARD + path).status_code in (403, 404)


def test_how_reviews_are_held_is_said_on_a_page(house, scope, client_for):
    client_for(house.manager).post(BOARD + "settings/", {"two_people": "on"})
    with scope():
        from partners.reviews.cycle.queries import settings

        assert settings().two_people


# --- API and command ----------------------------------------------------------------------------


def test_a_review_by_api(house, scope, client_for):
    with scope():
        ann, ben = make_rising("Ann"), make_rising("Ben")
    bob = client_for(house.manager)
    made = bob.post(API, {"name": "Autumn"}, content_type="application/json")
    assert made.status_code == 201
    cycle = made.json()["id"]
    assert bob.post(API, {}, content_type="application/json").status_code == 400
    one = {"decision": "accept", "from_tier": "low", "proposed_tier": "high"}
    answer = bob.post(f"/api/v1/mercy/tier-proposals/{ann.pk}/decide/", one, content_type="application/json")
    assert answer.status_code == 202
    some = {
        "decision": "hold",
        "reason": REASON,
        "proposals": [{"partner": str(ben.pk), "from_tier": "low", "proposed_tier": "high"}],
    }
    answer = bob.post("/api/v1/mercy/tier-proposals/decide-many/", some, content_type="application/json")
    assert len(answer.json()["decided"]) == 1
    assert bob.get(f"{API}{cycle}/decisions/").json()["count"] == 2
    assert bob.post(f"{API}{cycle}/sign/").json()["state"] == "signed"
    again = bob.post(
        f"{API}{cycle}/reopen/", {"reason": "Read wrongly by both."}, content_type="application/json"
    )
    assert again.json()["state"] == "open"
    assert bob.get(f"{API}{cycle}/").json()["reopened_reason"] == "Read wrongly by both."


def test_a_review_by_command(house, scope, capsys):
    with scope():
        make_rising("Ann")
    run = lambda *args: call_command("tier_review", "--tenant", "mercy", *args)  # noqa: E731
    run()
    run("--open")
    run("--accept-all", "--by", house.manager.user.email)
    run("--sign", "--by", house.manager.user.email)
    run("--reopen", "Read wrongly by both.")
    out = capsys.readouterr().out
    assert "1 of 1 decided" in out
    with pytest.raises(CommandError, match="no member"):
        run("--open", "--by", "nobody@example.com")
    with tenant_scope(house.tenant):
        assert unsettled().reopened_reason == "Read wrongly by both."
