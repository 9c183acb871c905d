"""Names of competitors and reasons: one of several names, merged and taken apart, nothing lost on the way."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.market.competition.models import Insight, InsightDifferentiator
from activities.market.competition.service import change_insight, remove_insight, restore_insight
from activities.market.names import service
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.queries import look_alikes, moving
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def competitor(name):
    return Competitor.objects.get(name=name)


def of(insight):
    insight.refresh_from_db()
    return insight.competitor.name, insight.noted_as.name if insight.noted_as else None


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)
    return error.value.message


def test_merge_moves_what_was_noted_and_taking_apart_brings_it_back(in_mercy, elena, asked):
    theirs = make.insight(elena, in_mercy.rep, competitor="Harbor Line")
    ours = make.insight(elena, in_mercy.rep, competitor="Harborline Mutual")
    asked.clear()
    into = service.merge(row=competitor("Harbor Line"), into=competitor("Harborline Mutual"))
    assert into.name == "Harborline Mutual"
    assert of(theirs) == ("Harborline Mutual", "Harbor Line")
    assert of(ours) == ("Harborline Mutual", None)
    assert asked() == {elena.pk}  # the score names the competitor
    service.separate(row=competitor("Harbor Line"))
    assert of(theirs) == ("Harbor Line", None)
    assert of(ours) == ("Harborline Mutual", None)


def test_what_is_noted_under_another_name_counts_for_the_one_it_is_and_goes_back_with_it(in_mercy, elena):
    make.insight(elena, in_mercy.rep, competitor="Harborline Mutual")
    service.add_other_name(row=competitor("Harborline Mutual"), name="Harbor Line")
    later = make.insight(elena, in_mercy.rep, competitor="HARBOR  line")
    assert of(later) == ("Harborline Mutual", "Harbor Line")
    assert service.competitor_named(name="harbor line").name == "Harborline Mutual"
    service.separate(row=competitor("Harbor Line"))
    assert of(later) == ("Harbor Line", None)


def test_a_competitor_merged_into_itself_is_refused_by_the_service_and_by_the_database(in_mercy, elena):
    make.insight(elena, in_mercy.rep, competitor="Harborline")
    one = competitor("Harborline")
    words = refused(lambda: service.merge(row=one, into=one), "into", "itself")
    assert words == "A competitor cannot be merged into itself. Choose another one."
    with pytest.raises(IntegrityError), transaction.atomic():
        Competitor.objects.filter(pk=one.pk).update(same_as=one)
    assert competitor("Harborline").same_as_id is None


def test_a_circle_is_refused(in_mercy, elena):
    for name in ("A house", "B house", "C house"):
        make.insight(elena, in_mercy.rep, competitor=name)
    service.merge(row=competitor("A house"), into=competitor("B house"))
    service.merge(row=competitor("B house"), into=competitor("C house"))
    refused(lambda: service.merge(row=competitor("C house"), into=competitor("A house")), "into", "merged")
    refused(lambda: service.merge(row=competitor("A house"), into=competitor("C house")), "into", "merged")
    assert Insight.objects.filter(competitor=competitor("C house")).count() == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), max_size=12))
def test_whatever_is_merged_and_taken_apart_each_insight_stands_under_the_root_of_its_own_name(
    in_mercy, moves
):
    with transaction.atomic():
        elena = make.partner(f"Dr. {len(moves)}")
        for n in range(5):
            make.insight(elena, in_mercy.rep, competitor=f"House {n}", differentiators=[f"Reason {n}"])
        parents = dict.fromkeys(range(5))

        def root(n):
            return n if parents[n] is None else root(parents[n])

        for n, into, together in moves:
            row = competitor(f"House {n}")
            try:
                if together:
                    service.merge(row=row, into=competitor(f"House {into}"))
                    parents[n] = root(into)
                else:
                    service.separate(row=row)
                    parents[n] = None
            except Refused:
                assert (parents[n] is None) is not together or root(into) == n
        for insight in Insight.objects.filter(partner=elena).select_related("competitor", "noted_as"):
            noted = insight.noted_as or insight.competitor
            assert insight.competitor.name == f"House {root(int(noted.name[-1]))}"
        transaction.set_rollback(True)


def test_an_insight_that_names_two_reasons_that_become_one_counts_once_and_both_come_back(in_mercy, elena):
    insight = make.insight(elena, in_mercy.rep, differentiators=["Price", "Prices", "Location"])
    price, prices = (Differentiator.objects.get(name=name) for name in ("Price", "Prices"))
    service.merge(row=prices, into=price)
    assert [one.name for one in Insight.objects.with_details().get().reasons] == ["Location", "Price"]
    service.separate(row=prices)
    assert [one.name for one in Insight.objects.with_details().get().reasons] == [
        "Location",
        "Price",
        "Prices",
    ]
    assert InsightDifferentiator.objects.filter(insight=insight, noted_as=None).count() == 3


def test_a_correction_keeps_the_name_it_was_noted_under(in_mercy, elena):
    insight = make.insight(elena, in_mercy.rep, competitor="Harbor Line")
    make.insight(elena, in_mercy.rep, competitor="Harborline")
    service.merge(row=competitor("Harbor Line"), into=competitor("Harborline"))
    insight.refresh_from_db()
    change_insight(
        insight=insight, details=make.insight_input(competitor=insight.competitor, amount=Decimal(5))
    )
    assert of(insight) == ("Harborline", "Harbor Line")
    change_insight(insight=insight, details=make.insight_input(competitor="Summit"))
    assert of(insight) == ("Summit", None)


def test_an_insight_that_comes_back_goes_where_its_name_belongs_by_now(in_mercy, elena):
    insight = make.insight(elena, in_mercy.rep, competitor="Harbor Line", differentiators=["Prices"])
    make.insight(elena, in_mercy.rep, competitor="Harborline", differentiators=["Price"])
    insight_id = insight.pk
    remove_insight(insight=insight)
    service.merge(row=competitor("Harbor Line"), into=competitor("Harborline"))
    service.merge(
        row=Differentiator.objects.get(name="Prices"), into=Differentiator.objects.get(name="Price")
    )
    back = restore_insight(insight_id=insight_id)
    assert of(back) == ("Harborline", "Harbor Line")
    assert [one.name for one in back.reasons] == ["Price"]


def test_a_large_merge_ends_in_the_background(in_mercy, elena, monkeypatch, settings):
    monkeypatch.setattr(service, "MOVED_AT_ONCE", 2)
    sent = []
    monkeypatch.setattr(service, "send_task", lambda name, **values: sent.append((name, values)))
    for _ in range(5):
        make.insight(elena, in_mercy.rep, competitor="Harbor Line")
    make.insight(elena, in_mercy.rep, competitor="Harborline")
    row = competitor("Harbor Line")
    service.merge(row=row, into=competitor("Harborline"))
    assert sent == [("activities.settle_names", {"kind": "competitor", "name_id": str(row.pk)})]
    assert row.insights.count() == 3
    from activities.market.names.tasks import settle
    from prm.tenancy.work.states import Slice

    slices = [settle(kind="competitor", name_id=str(row.pk)) for _ in range(2)]
    assert slices == [Slice.MORE, Slice.DONE]
    assert row.insights.count() == 0


def test_other_names_are_refused_where_they_are_somebody_elses_and_removed_where_nothing_was_noted(
    in_mercy, elena
):
    make.insight(elena, in_mercy.rep, competitor="Harborline")
    make.insight(elena, in_mercy.rep, competitor="Summit")
    row = competitor("Harborline")
    refused(lambda: service.add_other_name(row=row, name="summit"), "name", "unique")
    refused(lambda: service.add_other_name(row=row, name=" "), "name", "required")
    other = service.add_other_name(row=row, name="Harbour Line")
    assert service.add_other_name(row=row, name="harbour line") == other
    service.remove_other_name(row=other)
    assert not Competitor.objects.filter(name="Harbour Line").exists()
    other = service.add_other_name(row=row, name="Harbour Line")
    make.insight(elena, in_mercy.rep, competitor="Harbour Line")
    refused(lambda: service.remove_other_name(row=other), None, "in_use")


def test_moving_says_what_a_merge_would_move(in_mercy, elena):
    first = make.insight(elena, in_mercy.rep, competitor="Harbor Line", differentiators=["Price"])
    row = competitor("Harbor Line")
    service.add_other_name(row=row, name="Harbour")
    told = moving(row)
    assert (told.insights, told.first, told.other_names) == (1, first.happened_on, ("Harbour",))
    assert moving(Differentiator.objects.get()).insights == 1


def test_look_alikes_are_offered_until_they_are_merged_or_kept_apart(in_mercy, elena):
    for name in ("Harborline", "Harborline", "Harbor Line", "Summit"):
        make.insight(elena, in_mercy.rep, competitor=name)
    (found,) = look_alikes(Competitor)
    assert (found.row.name, found.into.name, found.insights) == ("Harbor Line", "Harborline", 1)
    service.keep_apart(row=found.row, other=found.into)
    assert look_alikes(Competitor) == []


def test_nobody_merges_names_of_another_tenant(mercy, anchor):
    with tenant_scope(anchor.tenant):
        theirs = make.insight(make.partner("Agency"), None, competitor="Theirs").competitor
    with tenant_scope(mercy.tenant):
        ours = make.insight(make.partner(), None, competitor="Ours").competitor
        refused(lambda: service.merge(row=ours, into=theirs), "into", "does_not_exist")
