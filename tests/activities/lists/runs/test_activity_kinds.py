"""Call plans, past visits, opportunities and insights from lists: new, repeated, changed, taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from activities.market.budgets.models import Opportunity
from activities.market.competition.models import Insight
from activities.plans.models import CallPlan
from activities.visits.models import Visit
from orders.catalogue.models import Product
from prm.core import calendar
from tests.activities.lists.factories import bring, give_back, outcomes, read
from tests.partners.factories import make_partner


@pytest.fixture(autouse=True)
def elm(in_mercy):
    return make_partner("Elm Street", kind="practice", codes=["C7"], city="Elm")


@pytest.fixture
def today(in_mercy):
    return calendar.today(in_mercy.tenant)


def test_call_plans():
    text = "Code,Visits,Per,From\nC7,2,quarter,2026-01-01\n"
    bring(text, kind="call-plans")
    assert read(text, kind="call-plans").counts == {"unchanged": 1}
    changed = bring(text.replace("C7,2", "C7,3"), kind="call-plans")
    assert [(plan.visits, plan.months) for plan in CallPlan.objects.all()] == [(3, 3)]
    give_back(changed)
    assert CallPlan.objects.get().visits == 2
    earlier = read("Code,Visits,Per,From\nC7,1,month,2025-06-01\n", kind="call-plans")
    assert "A later plan holds since 01 January 2026" in outcomes(earlier)[2][1]


def test_past_visits(in_mercy):
    text = (
        "Code,Date,Rep,How,Purpose,Notes\nC7,2026-03-02 09:30,mary@mercy.example,In person,Relationship,Met Ann\n"
        "C7,2999-03-02,mary@mercy.example,Phone,Relationship,\n"
    )
    run = bring(text, kind="visits")
    assert [outcome for outcome, _ in outcomes(run).values()] == ["new", "rejected"]
    visit = Visit.objects.get()
    assert (visit.rep, visit.learned, visit.created_at) == (in_mercy.rep, "Met Ann", visit.happened_at)
    assert read(text, kind="visits").counts == {"unchanged": 1, "rejected": 1}
    changed = bring(text.replace("Met Ann", "Met Bea"), kind="visits")
    give_back(changed)
    visit.refresh_from_db()
    assert visit.learned == "Met Ann"
    give_back(run)
    assert not Visit.objects.exists()


def test_opportunities(today):
    day = today + timedelta(days=90)
    text = f"Code,Opportunity,Amount,Close date,Owner\nC7,MRI contract,60000,{day},mary@mercy.example\n"
    run = bring(text, kind="opportunities")
    assert read(text, kind="opportunities").counts == {"unchanged": 1}
    changed = bring(text.replace("60000", "75000.50"), kind="opportunities")
    one = Opportunity.objects.get()
    assert (one.amount, one.budget_updates.count()) == (Decimal("75000.50"), 2)
    give_back(changed)
    one.refresh_from_db()
    assert one.amount == 60000
    assert run.counts == {"new": 1}


def test_insights(in_mercy, today):
    day = today - timedelta(days=9)
    text = f"Code,Competitor,Outcome,Date,Amount\nC7,St. Brendan,They won,{day},5000\n"
    run = bring(text, kind="insights")
    assert read(text, kind="insights").counts == {"unchanged": 1}
    bring(text.replace("5000", "6000"), kind="insights")
    assert Insight.objects.get().amount == 6000
    assert run.counts == {"new": 1}


def test_insights_with_product_currency_claim_source_and_confidence(in_mercy, today):
    Product.objects.create(code="E1", name="Echo")
    day = today - timedelta(days=9)
    text = (
        "Code,Competitor,Outcome,Date,Amount,Currency,Product,What they say,Who says so,How sure\n"
        f"C7,St. Brendan,They won,{day},5000,CHF,echo,Seen today,In writing,Sure\n"
    )
    bring(text, kind="insights")
    one = Insight.objects.get()
    assert (one.currency, one.product.code, one.claim, one.source, one.confidence) == (
        "CHF", "E1", "Seen today", "written", "sure",
    )  # fmt: skip
    assert read(text, kind="insights").counts == {"unchanged": 1}
    wrong = read(text.replace("echo", "radio").replace(f"{day}", f"{today}"), kind="insights")
    assert "No product here is called radio" in outcomes(wrong)[2][1]


def test_another_owner_or_rep_of_what_is_here_is_said_and_not_passed_over(mercy, today):
    deal = f"Code,Opportunity,Amount,Close date,Owner\nC7,MRI contract,60000,{today},mary@mercy.example\n"
    bring(deal, kind="opportunities")
    wrong = read(deal.replace("mary@", "bob@").replace("60000", "70000"), kind="opportunities")
    assert outcomes(wrong) == {
        2: ("rejected", "MRI contract has another owner here, which a list does not change.")
    }
    seen = f"Code,Competitor,Outcome,Date,Rep\nC7,St. Brendan,They won,{today - timedelta(days=9)},mary@mercy.example\n"
    bring(seen, kind="insights")
    wrong = read(seen.replace("mary@", "bob@"), kind="insights")
    assert outcomes(wrong) == {
        2: ("rejected", "Another rep noted this insight, which a list does not change.")
    }


def test_somebody_who_may_not_manage_activities_is_not_offered_them(mercy, client_for):
    assert client_for(mercy.rep).get("/t/mercy/lists/add/").status_code == 403
    assert "Past visits" in client_for(mercy.manager).get("/t/mercy/lists/add/").content.decode()


def test_money_that_names_another_currency_is_not_taken_for_ours(in_mercy, today):
    text = f"Code,Competitor,Outcome,Date,Amount\nC7,St. Brendan,They won,{today},{{}}\n"
    for amount in ("\u20ac 5000", "5000 EUR", "CHF 5000"):
        run = read(text.format(amount), kind="insights")
        assert run.counts == {"rejected": 1}
        assert "amounts here are in USD. Convert it first." in outcomes(run)[2][1]
    assert read(text.format("$ 5000"), kind="insights").counts == {"new": 1}


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("visits", "Date,Rep,How,Purpose,Code\n{later} 10:00,bob@mercy.example,In person,Relationship,C7\n", "lies in the future"),
        ("insights", "Code,Competitor,Outcome,Date,Amount\nC7,St. Brendan,They won,{later},5\n", "lies in the future"),
        ("insights", "Code,Competitor,Outcome,Date,Amount\nC7,St. Brendan,They won,{today},-5\n", "amount between"),
        ("estimates", "As of,Source,Low,Estimate,High,Code\n{later},Claims,100,500,1000,C7\n", "cannot be from the future"),
        ("estimates", "As of,Source,Low,Estimate,High,Code\n{today},Claims,100,50,1000,C7\n", "between its lower and its upper"),
    ],
)  # fmt: skip
def test_what_a_write_would_refuse_is_seen_before_anything_is_written(mercy, today, kind, text, why):
    run = read(text.format(today=today, later=today + timedelta(days=90)), kind=kind)
    assert run.counts == {"rejected": 1}
    assert why in outcomes(run)[2][1]
