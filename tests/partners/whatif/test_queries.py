"""What is told of a policy is what then happens; and the pages and the command that tell it."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from partners.directory.models import Partner
from partners.policy import service as policies
from partners.policy.models import StandingPolicy
from partners.policy.queries import draft, policy_in_force
from partners.standing.service import recompute_standings
from partners.whatif import queries, service
from partners.whatif.explaining import explain_on
from partners.whatif.trying import tried
from prm.core.calendar import add_months, month_start, today
from prm.core.errors import Refused
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.partners.factories import make_month, make_partner


def last_month(tenant):
    return add_months(month_start(today(tenant)), -1)


@pytest.fixture
def population(in_mercy):
    """Twelve partners of 1,000 to 12,000 in the last months, with tiers in force by the usual bands."""
    month = last_month(in_mercy.tenant)
    partners = [make_partner(f"P{number:02}") for number in range(1, 13)]
    for number, partner in enumerate(partners, 1):
        make_month(partner, month, revenue=number * 1000)
    recompute_standings()
    Partner.objects.update(tier_since=date(2020, 1, 1))
    return partners


def test_what_is_told_is_what_then_happens(population, in_mercy):
    figures = {"high_from": Decimal(8000), "medium_from": Decimal(4000), "hysteresis_pct": Decimal(0)}
    told = queries.outcome(tried(figures), policy_in_force())
    said = {(move.partner_id, move.before, move.after) for move in told.moves}
    assert len(said) == 4, "P02 and P03 fall to low, P08 and P09 rise to high"
    service.draft(by=in_mercy.manager, **figures)
    policies.confirm_draft(by=in_mercy.manager)
    recompute_standings()
    waiting = Partner.objects.with_standing().awaiting_decision(today(in_mercy.tenant))
    assert {(one.pk, one.tier, one.standing.tier_proposal) for one in waiting} == said
    again = queries.outcome(policy_in_force(), policy_in_force())
    assert {(move.partner_id, move.before, move.after) for move in again.moves} == said


def test_consequence_in_counts_visits_and_money(population):
    told = queries.outcome(tried({"high_from": Decimal(8000)}), policy_in_force())
    assert told.directions() == [("medium", "high", 2)]
    assert (told.before["high"], told.after["high"], told.visits_more) == (3, 5, 6)
    assert (told.money(rising=True), told.money(rising=False)) == (17_000, 0)
    assert [one.is_close for one in told.moves] == [False, True]
    assert sum(sum(one.counts.values()) for one in queries.histogram(told)) == 12
    assert sum(one.moving for one in queries.histogram(told)) == 2


def test_histogram_of_one_value_and_of_none(in_mercy):
    present = policy_in_force()
    assert queries.histogram(queries.outcome(present, present)) == []
    for _ in range(3):
        make_month(make_partner(), last_month(in_mercy.tenant), revenue=500)
    (one,) = queries.histogram(queries.outcome(present, present))
    assert sum(one.counts.values()) == 3


def test_percentages_become_amounts_of_the_day(population):
    made = service.put_in_force(basis="percentile", high_pct=Decimal(25), medium_pct=Decimal(50))
    assert (made.high_from, made.medium_from, made.basis) == (10_000, 7_000, "percentile")
    typed = service.put_in_force(high_from=Decimal(20_000))
    assert typed.basis == "fixed"


def test_past_day_is_explained_by_what_was_decided(population, in_mercy):
    partner = population[11]
    found = explain_on(partner, today(in_mercy.tenant))
    assert (found.tier, found.review.policy_version) == ("high", 1)
    assert "set by the rules, signed by nobody, by version 1" in found.sentence
    assert "high from $10,000" in found.sentence
    assert explain_on(partner, date(2019, 1, 1)).tier == ""


def test_past_quarters_are_judged_beside_what_was_decided(population):
    quarters = queries.replay(policy_in_force())
    assert len(quarters) == 4
    assert all(quarter.decided_raised == 0 for quarter in quarters)


# --- the command and the page


def run(*options):
    out = StringIO()
    call_command("policy", "--tenant", "mercy", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def unconfirmed(mercy):
    """A tenant as `create_tenant` makes it, with orders."""
    with bound_tenant(mercy.tenant), tenant_scope(mercy.tenant):
        StandingPolicy.objects.all().delete()
        policies.begin_policy()
        for number in range(1, 11):
            make_month(make_partner(f"P{number:02}"), last_month(mercy.tenant), revenue=number * 100)
    return mercy


def test_from_no_tier_to_confirmed_bands_by_command(unconfirmed, tmp_path):
    out = StringIO()
    call_command("standings", "--tenant", "mercy", "--recompute", "--json", stdout=out, stderr=StringIO())
    before = json.loads(out.getvalue())
    assert {line["tier"] for line in before["partners"]} == {None}
    assert before["policy"]["confirmed"] is False
    shown = json.loads(run("--propose", "--json"))
    assert (shown["policy"]["confirmed"], shown["draft"]["version"]) == (False, 2)
    confirmed = json.loads(run("--confirm", "--reason", "As proposed", "--json"))
    assert (confirmed["policy"]["confirmed"], confirmed["draft"]) == (True, None)
    out = StringIO()
    call_command("standings", "--tenant", "mercy", "--json", stdout=out, stderr=StringIO())
    assert {line["tier"] for line in json.loads(out.getvalue())["partners"]} == {"low", "medium", "high"}
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(confirmed))
    assert json.loads(run("--what-if", str(file), "--json"))["would_move"] == 0
    assert json.loads(run("--load", str(file), "--json"))["policy"]["version"] == 3
    assert len(json.loads(run("--replay", "--json"))["quarters"]) == 4
    assert "by version 2" in run("--explain", "P10")
    with pytest.raises(CommandError, match="no draft"):
        run("--confirm")


def test_page_leads_from_proposed_bands_to_a_version_in_force(unconfirmed, client_for):
    manager = client_for(unconfirmed.manager)
    url = "/t/mercy/tier-policy/"
    assert "First, confirm your bands." in manager.get(url).content.decode()
    tried_out = manager.get(
        url,
        {"medium_from": "400", "high_from": "900"},
        headers={"HX-Request": "true", "HX-Target": "policy-outcome"},
    )
    assert "<html" not in tried_out.content.decode()
    assert "10 of 10 would move" in tried_out.content.decode()
    wrong = manager.get(url, {"medium_from": "900", "high_from": "400"}).content.decode()
    assert "High must start above medium" in wrong
    sent = {**form_of(manager, url), "medium_from": "400", "high_from": "900"}
    assert manager.post(f"{url}draft/", sent).status_code == 302
    assert "Draft, nothing changes yet." in manager.get(url).content.decode()
    assert manager.post(f"{url}confirm/", {"reason": "Ours"}).status_code == 302
    with tenant_scope(unconfirmed.tenant):
        policy = policy_in_force()
        assert (policy.version, policy.medium_from, policy.reason, draft()) == (2, 400, "Ours", None)
        assert policy.signed_by == unconfirmed.manager
    assert "Ours" in manager.get(url, {"show": "versions"}).content.decode()
    assert manager.get(url, {"show": "quarters"}).status_code == 200
    assert client_for(unconfirmed.rep).get(url).status_code == 403


def form_of(client, url):
    """What the page would send as it stands."""
    form = client.get(url).context["form"]
    return {name: form[name].value() for name in form.fields}


def test_nothing_is_proposed_without_orders(in_mercy):
    with pytest.raises(Refused, match="no revenue yet"):
        service.propose()
