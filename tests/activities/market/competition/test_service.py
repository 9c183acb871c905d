"""Writes of insights, competitors and differentiators."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from activities.market.competition.models import Insight
from activities.market.competition.service import add_insight, change_insight, remove_insight
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.service import competitor_named, rename
from prm.core import clock
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make

SOON = clock.now().date() + timedelta(days=60)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)


def test_add_insight_makes_new_names_once(in_mercy, elena, asked):
    make.insight(
        elena, in_mercy.rep, competitor=" St.  Brendan ", differentiators=["Price", "price", "Location"]
    )
    make.insight(elena, in_mercy.rep, competitor="st. brendan", outcome="won", differentiators=["PRICE"])
    assert list(Competitor.objects.values_list("name", flat=True)) == ["St. Brendan"]
    assert set(Differentiator.objects.values_list("name", flat=True)) == {"Price", "Location"}
    assert sorted(i.differentiators.count() for i in Insight.objects.all()) == [1, 2]
    assert asked() == {elena.pk}


def test_add_insight_sent_twice_is_one(in_mercy, elena):
    insight_id = uuid4()
    first, again = (
        add_insight(
            partner=elena, rep=in_mercy.rep, insight=make.insight_input(outcome=o), insight_id=insight_id
        )
        for o in ("lost", "won")
    )
    assert first == again
    assert Insight.objects.get().outcome == "lost"
    other = make.partner("Dr. Samuel Okafor")
    refused(
        lambda: add_insight(partner=other, rep=None, insight=make.insight_input(), insight_id=insight_id),
        "id",
        "id_taken",
    )


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"outcome": "drawn"}, "outcome", "invalid_choice"),
        ({"competitor": "  "}, "competitor", "required"),
        ({"competitor": "x" * 121}, "competitor", "max_length"),
        ({"amount": Decimal(-1)}, "amount", "out_of_range"),
        ({"amount": Decimal("NaN")}, "amount", "out_of_range"),
        ({"happened_on": date(1889, 1, 1)}, "happened_on", "too_early"),
        ({"happened_on": SOON}, "happened_on", "future"),
        ({"differentiators": [str(n) for n in range(11)]}, "differentiators", "too_many"),
    ],
)
def test_add_insight_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: make.insight(elena, in_mercy.rep, **change), field, code)
    assert not Insight.objects.exists()


def test_add_insight_refuses_the_opportunity_of_another_partner(in_mercy, elena):
    other = make.opportunity(make.partner("Dr. Samuel Okafor"))
    refused(lambda: make.insight(elena, in_mercy.rep, opportunity=other), "opportunity", "other_partner")


def test_change_and_remove_insight_ask_for_the_score(in_mercy, elena, asked):
    insight = make.insight(elena, in_mercy.rep, differentiators=["Price"])
    asked.clear()
    change_insight(insight=insight, details=make.insight_input(outcome="won", differentiators=["Location"]))
    assert Insight.objects.get().outcome == "won"
    assert asked() == {elena.pk}
    asked.clear()
    assert [d.differentiator.name for d in insight.differentiators.all()] == ["Location"]
    remove_insight(insight=insight)
    assert not Insight.objects.exists()
    assert asked() == {elena.pk}


def test_rename_refuses_a_name_that_is_there(in_mercy):
    first, second = competitor_named(name="Alpha"), competitor_named(name="Beta")
    refused(lambda: rename(row=second, name=" alpha "), "name", "unique")
    rename(row=first, name="ALPHA")
    assert Competitor.objects.get(pk=first.pk).name == "ALPHA"


def test_competitors_of_two_tenants_do_not_meet(mercy, anchor):
    with tenant_scope(mercy.tenant):
        ours = competitor_named(name="Alpha")
    with tenant_scope(anchor.tenant):
        assert competitor_named(name="Alpha") != ours
