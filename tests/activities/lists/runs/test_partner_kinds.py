"""Organisations, codes, panels and estimates from lists."""

from decimal import Decimal

import pytest

from partners.directory.models import Partner, ReferralCode
from partners.share.models import ShareEstimate
from tests.activities.lists.factories import bring, give_back, outcomes, read, row
from tests.partners.factories import make_partner


@pytest.fixture(autouse=True)
def elm(in_mercy):
    return make_partner("Elm Street", kind="practice", codes=["C7"], city="Elm")


def test_organisations_first_and_then_who_belongs_to_them():
    members = "Name,Kind,Practice\nAnn Field,physician,Ridge Family\n"
    assert "Bring the organisations first" in row(read(members), 2).reason
    bring("Practice name,Kind,City\nRidge Family,practice,Ridge\nBad,physician,Ridge\n", kind="organisations")
    bring(members)
    assert Partner.objects.get(name="Ann Field").organisation.name == "Ridge Family"
    assert not Partner.objects.filter(name="Bad").exists()


def test_codes_are_added_once_and_never_taken_from_another(elm):
    make_partner("Lakeview", kind="practice", codes=[("Meditech", "M1")])
    text = "Practice,City,Code,System\nElm Street,Elm,M2,Meditech\nElm Street,Elm,M1,Meditech\nElm Street,Elm,C7,\n"
    run = bring(text, kind="codes")
    assert [outcome for outcome, _ in outcomes(run).values()] == ["new", "rejected", "unchanged"]
    assert row(run, 3).reason == "Meditech M1 is already a code of Lakeview."
    assert read(text, kind="codes").counts == {"unchanged": 2, "rejected": 1}
    give_back(run)
    assert set(ReferralCode.objects.filter(partner=elm).values_list("code", flat=True)) == {"C7"}


def test_panels_change_hands_and_back(in_mercy, elm):
    run = bring("Code,Rep\nC7,mary@mercy.example\nC8,mary@mercy.example\n", kind="panels")
    elm.refresh_from_db()
    assert elm.rep == in_mercy.rep
    assert [outcome for outcome, _ in outcomes(run).values()] == ["certain", "rejected"]
    assert "No member here is called roy" in row(read("Code,Rep\nC7,roy\n", kind="panels"), 2).reason
    give_back(run)
    elm.refresh_from_db()
    assert elm.rep is None


def test_estimates_are_read_as_the_whole_column_says(elm):
    text = "Code;Source;Date;Low;Estimate;High\nC7;Claims;31.01.2026;1.000,50;2.000,00;3.000,00\n"
    run = bring(text, kind="estimates")
    estimate = ShareEstimate.objects.get()
    assert (estimate.low, estimate.as_of.isoformat()) == (Decimal("1000.50"), "2026-01-31")
    assert read(text, kind="estimates").counts == {"unchanged": 1}
    give_back(run)
    assert not ShareEstimate.objects.exists()


def test_dates_that_could_be_either_are_asked_and_never_guessed():
    run = read("Code,Source,Date,Low,Estimate,High\nC7,Claims,03/04/2026,1,2,3\n", kind="estimates")
    assert run.state == "columns"
    assert "does not decide how Date is to be read" in run.problem
