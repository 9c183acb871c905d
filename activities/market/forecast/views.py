"""The page of the forecast, and asking for budgets that nobody touched."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from activities.market.budgets.queries import stale, untied
from activities.market.budgets.service import ask_about
from activities.market.forecast import rules
from activities.market.forecast.report import BY, YEAR, Forecast, Person
from activities.market.forecast.report import forecast as told
from partners.states import Tier
from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership
from prm.accounts.rights import Right, page_requires
from prm.core import calendar, clock
from prm.core.urls import tenant_url
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.form_page import Done, act
from prm.ui.formatting import number, percent, plural

NAV = "opportunities"


@dataclass(frozen=True, slots=True)
class Row:
    """One rep as drawn: what came of each unit entered, on an axis from 0 to 150 %."""

    person: Person
    interval: charts.Interval
    late: str


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def forecast(request: TenantRequest) -> HttpResponse:
    """Show what will come, against what budgets say and what came."""
    asked = request.GET
    owner, tier = _owner(asked.get("owner", "")), asked.get("tier", "")
    by = asked.get("by", "rep")
    found = told(
        by if by in BY else "rep",
        owner=owner.pk if owner else None,
        tier=tier if tier in Tier.values else "",
    )
    axis = charts.axis(0, 1.5, reference=found.everybody.part)
    context = {
        "found": found,
        "fewest": rules.FEWEST_CLOSED,
        "chart": _chart(found, request.tenant),
        "rows": [_row(one, axis) for one in found.people],
        "untied": untied(clock.now() - YEAR)[:5],
        "owner": owner,
        "owners": [one for one in found.people if owner is None or one.id != owner.pk],
        "tier": tier,
        "tiers": Tier.choices,
        "tabs": [("rep", "Rep"), ("partner", request.tenant.partner_noun.capitalize()), ("tier", "Tier")],
        "may_ask": Right.ACTIVITY_MANAGE in request.rights,
        "span": _months(found),
        "nav_key": NAV,
    }
    return render(request, "activities/forecast.html", context)


def _owner(text: str) -> Membership | None:
    try:
        return Membership.objects.select_related("user").filter(pk=UUID(text)).first() if text else None
    except ValueError:
        return None


def _months(found: Forecast) -> str:
    first, last = (
        calendar.MONTH_NAMES[one.month - 1] for one in (found.next_months[0], found.next_months[-1])
    )
    return f"{first} to {last}"


def _chart(found: Forecast, tenant: Tenant) -> charts.Expectation:
    rows = [
        charts.ExpectedMonth(
            month=one.first,
            came=one.came,
            then=None if one.expected_then is None else _ends(one.expected_then),
            now=None if one.forecast is None else _ends(one.forecast),
            budgets=one.budgets if one.came is None else None,
            weighted=one.weighted,
        )
        for one in found.months
    ]
    return charts.expectation(rows, currency=tenant)


def _ends(one: rules.Range) -> tuple[float, float, float]:
    return one.low, one.middle, one.high


def _row(person: Person, axis: charts.Axis) -> Row:
    own = person.accuracy
    interval = charts.interval(
        axis, estimate=own.part, low=own.low, high=own.high, state=person.state,
        words=f"{percent(own.low)} to {percent(own.high)} of each unit entered came",
    )  # fmt: skip
    days = round(own.days_late)
    late = "in time" if days == 0 else f"{plural(abs(days), 'day')} {'late' if days > 0 else 'early'}"
    return Row(person, interval, late if own.is_told else "–")


@require_POST
@page_requires(Right.ACTIVITY_MANAGE)
def ask(request: TenantRequest) -> HttpResponse:
    """Ask the owners of budgets that nobody touched whether they still hold."""
    here = tenant_url(request.tenant, "activities:forecast")

    def work() -> Done:
        people = ask_about(opportunities=stale(clock.now()))
        if not people:
            return Done(here, "Everybody was asked already.", "Their answers stand out.")
        return Done(
            here,
            f"{number(people)} {'rep is' if people == 1 else 'reps are'} asked.",
            "It stands on their Today.",
        )

    return act(request, work, stay_url=here)
