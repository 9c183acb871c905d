"""Tests of the writes of visits: whole or not at all, once however often sent, and taken back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.service import BudgetInput
from activities.market.competition.models import Insight, InsightDifferentiator
from activities.market.names.models import Competitor
from activities.visits.models import Visit
from activities.visits.service import (
    PastVisit,
    change_visit,
    complete_past_steps,
    complete_step,
    log_past_visits,
    log_visit,
    remove_visit,
    reopen_step,
    restore_visit,
)
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)


def test_log_visit_saves_insight_and_new_budget_with_it(in_mercy, elena, asked):
    visit = make.visit(
        elena,
        in_mercy.rep,
        learned="  Wants MRI within two days. ",
        next_step="Confirm slots",
        insight=make.insight_input(differentiators=["Earlier appointment", "Location"]),
        budget=BudgetInput(name="Joint replacement", amount=Decimal(48000), close_date=clock.now().date()),
    )
    insight = Insight.objects.get()
    opportunity = Opportunity.objects.get()
    assert visit.learned == "Wants MRI within two days."
    assert (insight.visit, insight.partner, insight.rep) == (visit, elena, in_mercy.rep)
    assert {d.differentiator.name for d in insight.differentiators.all()} == {
        "Earlier appointment",
        "Location",
    }
    assert (opportunity.amount, opportunity.currency, opportunity.owner) == (48000, "USD", in_mercy.rep)
    assert BudgetUpdate.objects.get().visit == visit
    assert asked() == {elena.pk}


def test_log_visit_is_all_or_nothing(in_mercy, elena, asked):
    refused(
        lambda: make.visit(elena, in_mercy.rep, insight=make.insight_input(), budget=BudgetInput(name="X")),
        "budget.amount",
        "required",
    )
    assert not Visit.objects.exists()
    assert not Insight.objects.exists()
    assert not Competitor.objects.exists()
    assert asked() == set()


def test_log_visit_sent_twice_is_one_visit(in_mercy, elena, asked):
    visit_id = uuid4()
    first = log_visit(
        partner=elena,
        rep=in_mercy.rep,
        details=make.visit_input(),
        insight=make.insight_input(),
        visit_id=visit_id,
    )
    again = log_visit(
        partner=elena,
        rep=in_mercy.rep,
        details=make.visit_input(learned="changed"),
        insight=make.insight_input(),
        visit_id=visit_id,
    )
    assert (first.created, again.created) == (True, False)
    assert again.visit.learned == ""
    assert (Visit.objects.count(), Insight.objects.count()) == (1, 1)


def test_log_visit_refuses_an_id_of_another_partner_or_rep(in_mercy, elena):
    visit = make.visit(elena, in_mercy.rep)
    other = make.partner("Dr. Samuel Okafor")
    refused(lambda: make.visit(other, in_mercy.rep, visit_id=visit.pk), "id", "id_taken")
    refused(lambda: make.visit(elena, in_mercy.manager, visit_id=visit.pk), "id", "id_taken")


def test_an_id_that_another_tenant_uses_is_free_here(mercy, anchor):
    with tenant_scope(mercy.tenant):
        theirs = make.visit(make.partner(), mercy.rep)
    with tenant_scope(anchor.tenant):
        ours = make.visit(make.partner(), anchor.rep, visit_id=theirs.pk)
        assert Visit.objects.get().rep_id == ours.rep_id == anchor.rep.pk
    with tenant_scope(mercy.tenant):
        assert Visit.objects.get().rep_id == mercy.rep.pk


def test_log_visit_refuses_rows_of_another_tenant(mercy, anchor):
    with tenant_scope(anchor.tenant):
        theirs = make.partner("Agent Smith")
        their_competitor = make.insight(theirs, anchor.rep).competitor
        their_opportunity = make.opportunity(theirs)
    with tenant_scope(mercy.tenant):
        ours = make.partner()
        refused(lambda: make.visit(theirs, mercy.rep), "partner", "does_not_exist")
        refused(lambda: make.visit(ours, anchor.rep), "rep", "does_not_exist")
        foreign = make.insight_input(competitor=their_competitor)
        refused(lambda: make.visit(ours, mercy.rep, insight=foreign), "insight.competitor", "does_not_exist")
        budget = BudgetInput(opportunity=their_opportunity, amount=Decimal(1))
        refused(lambda: make.visit(ours, mercy.rep, budget=budget), "budget.opportunity", "other_partner")
        assert not Visit.objects.exists()


def test_log_visit_keeps_the_score_it_started_from(in_mercy, elena):
    from partners.standing.models import Standing
    from partners.standing.service import recompute_standings

    recompute_standings([elena.pk])
    Standing.objects.filter(partner=elena).update(score=Decimal("61.0"))
    assert make.visit(elena, in_mercy.rep).score_before == Decimal("61.0")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"happened_at": datetime(2026, 1, 1, 9)}, "happened_at", "naive_time"),
        ({"happened_at": datetime(1889, 1, 1, 9, tzinfo=UTC)}, "happened_at", "too_early"),
        ({"channel": "fax"}, "channel", "invalid_choice"),
        ({"purpose": "lunch"}, "purpose", "invalid_choice"),
        ({"minutes": 0}, "minutes", "out_of_range"),
        ({"minutes": 1441}, "minutes", "out_of_range"),
        ({"learned": "x" * 10_001}, "learned", "max_length"),
        ({"learned": "a\x00b"}, "learned", "invalid"),
        ({"next_step": "x" * 201}, "next_step", "max_length"),
        ({"next_step_due": clock.now().date()}, "next_step", "required"),
        (
            {"next_step": "Call", "next_step_due": clock.now().date() - timedelta(days=9)},
            "next_step_due",
            "too_early",
        ),
        (
            {"next_step": "Call", "next_step_due": clock.now().date().replace(year=2099, day=1)},
            "next_step_due",
            "too_late",
        ),
    ],
)
def test_log_visit_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: make.visit(elena, in_mercy.rep, **change), field, code)


def test_log_visit_takes_the_past_and_the_day_ahead_of_a_slow_clock(in_mercy, elena):
    make.visit(elena, in_mercy.rep, happened_at=datetime(1995, 5, 5, tzinfo=UTC))
    make.visit(elena, in_mercy.rep, happened_at=clock.now() + timedelta(hours=23))
    refused(
        lambda: make.visit(elena, in_mercy.rep, happened_at=clock.now() + timedelta(hours=25)),
        "happened_at",
        "future",
    )


def test_own_words_of_a_purpose_are_kept_for_other_only(in_mercy, elena):
    other = make.visit(elena, in_mercy.rep, purpose="other", purpose_other="Grand round")
    known = make.visit(elena, in_mercy.rep, purpose="relationship", purpose_other="left over")
    assert (other.purpose_words, known.purpose_words) == ("Grand round", "Relationship")


def test_change_visit_corrects_and_asks_for_the_score(in_mercy, elena, asked):
    visit = make.visit(elena, in_mercy.rep, next_step="Call")
    complete_step(visit=visit)
    asked.clear()
    change_visit(visit=visit, details=make.visit_input(channel="phone", learned="Corrected"))
    visit.refresh_from_db()
    assert (visit.channel, visit.learned, visit.next_step, visit.next_step_done_at) == (
        "phone",
        "Corrected",
        "",
        None,
    )
    assert asked() == {elena.pk}


def test_remove_visit_takes_everything_back_that_came_with_it(in_mercy, elena, asked):
    echo = make.opportunity(elena)
    visit = make.visit(
        elena,
        in_mercy.rep,
        insight=make.insight_input(),
        budget=BudgetInput(opportunity=echo, amount=Decimal(120_000)),
    )
    asked.clear()
    remove_visit(visit=visit, by=in_mercy.rep)
    echo.refresh_from_db()
    history = list(echo.budget_updates.order_by("at").values_list("old_amount", "new_amount"))
    assert not Visit.objects.exists()
    assert not Insight.objects.exists()
    assert echo.amount == 90_000
    assert history == [(None, 90_000), (90_000, 120_000), (120_000, 90_000)]
    assert asked() == {elena.pk}


def test_remove_visit_removes_the_opportunity_that_began_with_it(in_mercy, elena):
    budget = BudgetInput(name="Echo lab", amount=Decimal(5), close_date=clock.now().date())
    remove_visit(visit=make.visit(elena, in_mercy.rep, budget=budget), by=in_mercy.rep)
    assert not Opportunity.objects.exists()


def test_remove_visit_lets_a_later_budget_stand(in_mercy, elena):
    from activities.market.budgets.service import update_budget

    echo = make.opportunity(elena)
    budget = BudgetInput(opportunity=echo, amount=Decimal(120_000))
    visit = make.visit(elena, in_mercy.rep, budget=budget)
    update_budget(opportunity=echo, by=in_mercy.manager, amount=Decimal(150_000))
    remove_visit(visit=visit, by=in_mercy.rep)
    echo.refresh_from_db()
    assert echo.amount == 150_000


def take_back(visit, by):
    """Take a visit back; its id, which Django takes off the object."""
    visit_id = visit.pk
    remove_visit(visit=visit, by=by)
    return visit_id


def everything():
    """All rows of activities, as they are."""
    rows = [Visit, Insight, InsightDifferentiator, Opportunity]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in rows}


def test_restore_visit_brings_back_everything_that_went_with_it(in_mercy, elena, asked):
    echo = make.opportunity(elena)
    visit = make.visit(
        elena,
        in_mercy.rep,
        next_step="Send contacts",
        insight=make.insight_input(differentiators=["Location", "Price"]),
        budget=BudgetInput(opportunity=echo, amount=Decimal(120_000)),
    )
    before = everything()
    visit_id = take_back(visit, in_mercy.rep)
    asked.clear()
    restored = restore_visit(visit_id=visit_id, by=in_mercy.rep)
    assert everything() == before
    assert restored.budgets_left == 0
    assert [row.new_amount for row in echo.budget_updates.order_by("at")] == [
        90_000,
        120_000,
        90_000,
        120_000,
    ]
    assert list(restored.visit.budget_updates.values_list("new_amount", flat=True)) == [120_000]
    assert asked() == {elena.pk}


def test_restore_visit_brings_back_the_opportunity_that_began_with_it(in_mercy, elena):
    budget = BudgetInput(name="Echo lab", amount=Decimal(5), close_date=clock.now().date())
    visit = make.visit(elena, in_mercy.rep, budget=budget)
    before = everything()
    visit_id = take_back(visit, in_mercy.rep)
    restore_visit(visit_id=visit_id, by=in_mercy.rep)
    assert everything() == before
    assert Opportunity.objects.get().budget_updates.get().visit_id == visit_id


def test_restore_visit_lets_a_budget_stand_that_was_changed_since(in_mercy, elena):
    from activities.market.budgets.service import update_budget

    echo = make.opportunity(elena)
    visit = make.visit(elena, in_mercy.rep, budget=BudgetInput(opportunity=echo, amount=Decimal(120_000)))
    visit_id = take_back(visit, in_mercy.rep)
    echo.refresh_from_db()
    update_budget(opportunity=echo, by=in_mercy.manager, amount=Decimal(150_000))
    assert restore_visit(visit_id=visit_id, by=in_mercy.rep).budgets_left == 1
    echo.refresh_from_db()
    assert echo.amount == 150_000


def test_restore_visit_again_and_again(in_mercy, elena):
    visit = make.visit(elena, in_mercy.rep, learned="First")
    for words in ("Second", "Third"):
        change_visit(visit=visit, details=make.visit_input(learned=words))
        visit_id = take_back(visit, in_mercy.rep)
        visit = restore_visit(visit_id=visit_id, by=in_mercy.rep).visit
        assert restore_visit(visit_id=visit_id, by=in_mercy.rep).visit == visit
        assert Visit.objects.get().learned == words


def test_restore_visit_refuses_what_never_was_and_what_lost_its_partner(in_mercy, elena):
    refused(lambda: restore_visit(visit_id=uuid4(), by=in_mercy.rep), None, "does_not_exist")
    visit = make.visit(elena, in_mercy.rep)
    visit_id = take_back(visit, in_mercy.rep)
    elena.delete()
    refused(lambda: restore_visit(visit_id=visit_id, by=in_mercy.rep), None, "gone")


def test_promises_are_ticked_off_and_back(in_mercy, elena):
    visit = make.visit(elena, in_mercy.rep, next_step="Send contacts")
    assert list(Visit.objects.promises()) == [visit]
    complete_step(visit=visit)
    done_at = visit.next_step_done_at
    assert complete_step(visit=visit).next_step_done_at == done_at
    assert list(Visit.objects.promises()) == []
    reopen_step(visit=visit)
    assert list(Visit.objects.promises()) == [visit]


def test_a_promise_that_is_edited_after_it_was_kept_is_open_again(in_mercy, elena):
    day = calendar.today(in_mercy.tenant)
    kept = {"next_step": "Send the brochure", "next_step_due": day + timedelta(days=3)}
    visit = complete_step(visit=make.visit(elena, in_mercy.rep, **kept))
    change_visit(visit=visit, details=make.visit_input(learned="Corrected", **kept))
    assert visit.next_step_done_at is not None
    for changed in (
        {"next_step": "Call about slots"},
        {"next_step_due": day + timedelta(days=9)},
        {"next_step": ""},
    ):
        complete_step(visit=change_visit(visit=visit, details=make.visit_input(**kept)))
        details = kept | changed
        change_visit(visit=visit, details=make.visit_input(**details if details["next_step"] else {}))
        visit.refresh_from_db()
        assert visit.next_step_done_at is None
        assert visit.has_open_step is bool(details["next_step"])


def test_promises_come_by_date_and_undated_last(in_mercy, elena):
    day = calendar.today(in_mercy.tenant)
    undated = make.visit(elena, in_mercy.rep, next_step="Some day")
    late = make.visit(elena, in_mercy.rep, next_step="Later", next_step_due=day + timedelta(days=9))
    soon = make.visit(elena, in_mercy.rep, next_step="Soon", next_step_due=day + timedelta(days=1))
    assert list(Visit.objects.promises()) == [soon, late, undated]


def test_complete_step_refuses_a_visit_without_promise(in_mercy, elena):
    refused(lambda: complete_step(visit=make.visit(elena, in_mercy.rep)), "next_step", "no_step")


def test_log_past_visits_keeps_the_rules(in_mercy, elena, asked):
    past = [
        PastVisit(partner=elena, rep=in_mercy.rep, details=make.visit_input(next_step=step))
        for step in ("", "Call")
    ]
    visits = log_past_visits(visits=past)
    complete_past_steps(visits=visits)
    assert Visit.objects.count() == 2
    assert not Visit.objects.promises().exists()
    assert asked() == {elena.pk}
    bad = PastVisit(partner=elena, rep=in_mercy.rep, details=make.visit_input(channel="fax"))
    refused(lambda: log_past_visits(visits=[*past, bad]), "channel", "invalid_choice")
    assert Visit.objects.count() == 2
