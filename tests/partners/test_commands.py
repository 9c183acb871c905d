import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from partners.directory.models import Partner
from partners.standing.models import Standing
from prm.tenancy.context import tenant_scope
from tests.partners.factories import make_estimate, make_months, make_partner

NOV = date(2026, 11, 1)


def run(*options):
    out = io.StringIO()
    call_command("standings", "--tenant", "mercy", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def filled(mercy):
    with tenant_scope(mercy.tenant):
        make_months(make_partner("High", codes=["17850.0"]), NOV, ["1000.0005"] * 20)
        make_months(make_partner("Middle"), NOV, ["250"] * 12)
        make_estimate(Partner.objects.get(name="Middle"), 5000, 6000, 7000)
        make_partner("Prospect")
    return mercy


def test_one_json_object_with_everything(filled):
    found = json.loads(run("--as-of", "2026-11-30", "--recompute", "--json"))
    assert (found["tenant"], found["as_of"]) == ("mercy", "2026-11-30")
    assert found["policy"]["high_from"] == "10000"
    summary = found["summary"]
    assert (summary["partners"], summary["partner_months"]) == (3, 32)
    assert Decimal(summary["revenue_total"]) == Decimal("23000.01")
    assert summary["by_level"] == {"repeat": 2, "prospect": 1}
    assert summary["by_tier"] == {"high": 1, "medium": 1, "none": 1}
    assert summary["by_total_band"] == {"high": 1, "medium": 1, "low": 1}
    high = next(line for line in found["partners"] if line["name"] == "High")
    assert high["codes"] == ["17850.0"]
    assert (high["revenue_12m"], high["revenue_total"]) == ("12000.006", "20000.01")
    assert high["share"] is None
    middle = next(line for line in found["partners"] if line["name"] == "Middle")
    assert Decimal("0.4") < Decimal(middle["share"]) < Decimal("0.6")


def test_without_recompute_nothing_is_written(filled):
    found = json.loads(run("--as-of", "2026-11-30", "--json"))
    assert found["summary"]["by_tier"] == {"none": 3}
    assert found["summary"]["by_tier_proposal"] == {"high": 1, "medium": 1, "none": 1}
    with tenant_scope(filled.tenant):
        assert not Standing.objects.exists()


def test_the_past_is_judged_by_its_own_months(filled):
    found = json.loads(run("--as-of", "2026-03-31", "--json"))
    assert found["summary"]["partner_months"] == 12 + 4


def test_people_get_a_table(filled):
    text = run("--as-of", "2026-11-30", "--recompute")
    assert text.splitlines()[0] == "3 standings changed."
    assert "High" in text and "$12,000.01" in text
    assert "By total revenue: high 1, medium 1, low 1." in text


def test_mistakes_are_said_plainly(filled):
    with pytest.raises(CommandError, match="2026-13-01' is not a day"):
        run("--as-of", "2026-13-01")
    with pytest.raises(CommandError, match=r"No tenant is called 'nowhere'\. There are: mercy"):
        call_command("standings", "--tenant", "nowhere")


@pytest.mark.parametrize("day", ["1899-12-31", "3026-01-01", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_cannot_be_judged_is_refused(filled, day):
    with pytest.raises(CommandError, match=day):
        run("--as-of", day)
