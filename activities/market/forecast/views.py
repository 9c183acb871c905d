"""The page of the forecast, and asking for budgets that nobody touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from activities.market.budgets.queries import stale, untied
from activities.market.budgets.service import ask_about
from activities.market.forecast import rules
from activities.market.forecast.filters import asked_of
from activities.market.forecast.report import BY, EVERYBODY, YEAR, Forecast, Month, Part, Person
from activities.market.forecast.report import forecast as told
from orders.catalogue.models import Product
from partners.states import Tier
from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership
from prm.accounts.rights import Right, page_requires
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.export import answers as export
from prm.ui.export.cells import Amount
from prm.ui.form_page import Done, act
from prm.ui.formatting import number, percent, plural

NAV = "opportunities"
MOST: Final = 50
"""People and products that are offered as filters."""


@dataclass(frozen=True, slots=True)
class Row:
    """One rep as drawn: what came of each unit entered, on an axis from 0 to 150 %."""

    person: Person
    interval: charts.Interval
    late: str


MONTHS: export.Columns[Month] = {
    "Month": lambda one: f"{one.first:%b %Y}",
    "Came": lambda one: _amount(one.came),
    "Expected 3 months before, low": lambda one: _end(one.expected_then, "low"),
    "Expected 3 months before, high": lambda one: _end(one.expected_then, "high"),
    "Forecast, low": lambda one: _end(one.forecast, "low"),
    "Forecast, middle": lambda one: _end(one.forecast, "middle"),
    "Forecast, high": lambda one: _end(one.forecast, "high"),
    "Budgets": lambda one: None if one.came is not None else _amount(one.budgets),
    "Weighted": lambda one: None if one.came is not None else _amount(one.weighted),
}
PARTS: export.Columns[Part] = {
    "Whose": lambda one: one.name,
    "Open": lambda one: one.count,
    "Budgets": lambda one: _amount(one.budgets),
    "Weighted": lambda one: _amount(one.weighted),
    "Will probably bring, low": lambda one: _end(one.forecast, "low"),
    "Will probably bring, high": lambda one: _end(one.forecast, "high"),
}


def _amount(value: Decimal | None) -> Amount | None:
    return None if value is None else Amount(value, current_tenant().currency)


def _end(one: rules.Range | None, name: str) -> int | None:
    return None if one is None else round(getattr(one, name))


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def forecast(request: TenantRequest) -> HttpResponseBase:
    """Show what will come, against what budgets say and what came."""
    query, problem, asked = request.GET.dict(), "", EVERYBODY
    try:
        asked = asked_of(query)
    except Refused as refused:
        problem, query = refused.message, {}
    by = request.GET.get("by", "rep")
    found = told(by if by in BY else "rep", asked)
    if file := _file(request, found):
        return file
    axis = charts.axis(0, 1.5, reference=found.everybody.part)
    kept = {name: query[name] for name in ("owner", "tier", "product") if query.get(name)}
    context = {
        "found": found,
        "problem": problem,
        "fewest": rules.FEWEST_CLOSED,
        "chart": _chart(found, request.tenant),
        "rows": [_row(one, axis) for one in found.people],
        "untied": untied(clock.now() - YEAR)[:5],
        "filters": _filters(kept, found, request.tenant),
        "kept": f"&{urlencode(kept)}" if kept else "",
        "tabs": [("rep", "Rep"), ("partner", request.tenant.partner_noun.capitalize()), ("tier", "Tier")],
        "may_ask": Right.ACTIVITY_MANAGE in request.rights,
        "span": _months(found),
        "nav_key": NAV,
    }
    return render(request, "activities/forecast.html", context)


def _file(request: TenantRequest, found: Forecast) -> HttpResponseBase | None:
    """Return the months, or the parts that the page shows, as a file; `None` for the page."""
    if request.GET.get("list") == "parts":
        return export.file_asked(request, "forecast by part", PARTS, found.parts)
    return export.file_asked(request, "forecast", MONTHS, found.months)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow the forecast: its name, what is chosen, and the addresses of all choices."""

    label: str
    chosen: str
    choices: list[tuple[str, str, bool]]


def _filters(kept: Mapping[str, str], found: Forecast, tenant: Tenant) -> list[Choice]:
    """Return the filters of the page, each with the other ones kept (2 queries)."""
    owners = Membership.objects.filter(opportunities__isnull=False).select_related("user").distinct()
    products = Product.objects.own().filter(
        Q(opportunities__isnull=False) | Q(aliases__opportunities__isnull=False)
    )
    offered = {
        "owner": (
            "Everybody",
            [(str(one.pk), str(one.user)) for one in owners.order_by("user__name")[:MOST]],
        ),
        "tier": ("All tiers", [(value, str(label)) for value, label in Tier.choices]),
        "product": (
            "All products",
            [(str(one.pk), str(one)) for one in products.distinct().order_by("name", "code")[:MOST]],
        ),
    }
    chosen = []
    for name, (nothing, choices) in offered.items():
        rest = {key: value for key, value in {**kept, "by": found.by}.items() if key != name}
        rows = [(nothing, f"?{urlencode(rest)}", name not in kept)]
        rows += [
            (label, f"?{urlencode({**rest, name: value})}", kept.get(name) == value)
            for value, label in choices
        ]
        if choices:
            chosen.append(Choice(name, next((label for label, _, is_on in rows if is_on), nothing), rows))
    return chosen


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
