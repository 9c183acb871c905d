"""Facts and proposals said in sentences."""

from datetime import date
from decimal import Decimal

import pytest

from partners.directory.models import Partner
from partners.policy.queries import policy_in_force
from partners.standing import registry
from partners.standing.words import explain, label_of, proposal_sentence


def proposal(rule, band, threshold=None):
    return {
        "rule": rule, "band": band, "threshold": threshold, "months": 12, "to": "2026-10-01", "revenue": "9800",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "given", "words"),
    [
        ("", {}, "No tier yet: it comes with the first orders."),
        ("medium", proposal("same", "medium"), "medium by the rules as well."),
        ("medium", proposal("raise", "high", "9000"), "Above $9,000: $9,800 in 12 months to Oct 2026."),
        ("high", proposal("lower", "medium", "9900"), "Below $9,900: $9,800 in 12 months"),
        ("high", proposal("hysteresis", "medium", "9500"), "below the band, but not below $9,500"),
        ("medium", proposal("stay", "high", "9000"), "Above $9,000: $9,800 in 12 months"),
        ("high", proposal("stay", "low", "9900"), "Below $9,900: $9,800 in 12 months"),
    ],
)
def test_a_proposal_says_why(in_mercy, tier, given, words):
    partner = Partner(name="A", tier=tier, tier_since=date(2026, 9, 1) if tier else None)
    sentence = proposal_sentence(given, partner, policy_in_force(), in_mercy.tenant)
    assert words in sentence


def test_who_waits_is_told_since_when(in_mercy):
    partner = Partner(name="A", tier="medium", tier_since=date(2026, 9, 1))
    policy = policy_in_force()
    sentence = proposal_sentence(proposal("stay", "high", "9000"), partner, policy, in_mercy.tenant)
    assert f"{policy.minimum_stay_months} months needed." in sentence
    assert "Waits: in this tier since 1 Sep" in sentence


def test_a_component_that_is_gone_is_named_by_its_key(in_mercy):
    assert label_of("web_visits") == "Web visits"
    assert explain({"key": "web_visits", "facts": {}}, in_mercy.tenant) == "No longer part of the score"


@pytest.mark.parametrize("component", registry.components(), ids=lambda component: component.key)
@pytest.mark.parametrize("facts", [{}, {"unknown": 1}, {"recent": None}, {"revenue": "x"}])
def test_facts_of_another_version_never_break_a_page(in_mercy, component, facts):
    assert explain({"key": component.key, "facts": facts}, in_mercy.tenant)


def test_amounts_are_in_the_tenants_currency(in_mercy):
    in_mercy.tenant.currency = "EUR"
    partner = Partner(name="A", tier="low")
    sentence = proposal_sentence(proposal("same", "low"), partner, policy_in_force(), in_mercy.tenant)
    assert "$" not in sentence
    assert Decimal(9800) == 9800
