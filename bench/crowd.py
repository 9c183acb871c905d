"""How what managers and reps open fares with 50,000 partners in the tenant instead of 500, and what one visit costs there.

Two fresh tenants get the data of `bench.standings` (months of orders, estimates, call plans, visits, insights and
opportunities), one a hundred times the partners of the other; both have one rep with the same small panel. Every page is
asked for in turns, through the whole product and in this process: its 95th percentile and the number of its queries are
compared. Then visits are logged in the larger tenant and one of 1,000, and the time is added up that the database takes
from the visit to the new score.

    python -m bench crowd [--partners N] [--times N]
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from bench.common import fresh_tenant, start_django
from bench.pages import House, measure
from bench.standings import make_data, restand, seconds_of_a_visit, vacuum

PARTNERS, FEW_PARTNERS, VISIT_PARTNERS, TIMES, VISITS, PANEL = 50_000, 500, 1_000, 20, 15, 40
GOAL_RATIO, GOAL_MILLISECONDS = 1.5, 50


def furnish(partners: int) -> tuple[House, Any]:
    """Return a fresh tenant with so many partners and their standings, a manager, and a rep with a small panel."""
    from django.conf import settings
    from django.test import Client

    from partners.alarms.service import watch_orders
    from partners.directory.models import Partner
    from prm.accounts.models import Membership
    from prm.accounts.service import add_member
    from prm.tenancy.context import bound_tenant, tenant_scope
    from prm.tenancy.models import Tenant

    house = House(fresh_tenant())
    tenant = Tenant.objects.get(slug=house.slug)
    make_data(tenant, partners)
    restand(tenant)
    with bound_tenant(tenant):
        watch_orders()
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    with tenant_scope(tenant):
        manager = add_member(email=f"manager@{house.slug}.example", name="manager", role="manager")
        rep = Membership.objects.get(role="rep")
        panel = list(Partner.objects.order_by("pk").values_list("pk", flat=True)[:PANEL])
        Partner.objects.exclude(pk__in=panel).update(rep=None)
        Partner.objects.filter(pk__in=panel).update(rep=rep)
        house.partner = Partner.objects.order_by("pk").first()
        for member in (manager, rep):
            house.clients[member.role] = Client()
            house.clients[member.role].force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    vacuum()
    return house, tenant


def pages(house: House) -> list[tuple[str, str]]:
    """Whose pages and which: (role, address)."""
    page, api = f"/t/{house.slug}", f"/api/v1/{house.slug}"
    return [
        ("manager", f"{page}/overview/"),
        ("manager", f"{page}/partners/"),
        ("manager", f"{page}/partners/?q=Partner+1"),
        ("manager", f"{page}/partners/?sort=-headroom"),
        ("manager", f"{page}/partners/?tier=high&sort=-revenue&page=2"),
        ("manager", f"{page}/partners/?estimate=none&sort=-revenue"),
        ("manager", f"{page}/partners/?alarm=slipping"),
        ("manager", f"{page}/partners/?group=tier"),
        ("manager", f"{page}/partners/{house.partner.pk}/"),
        ("manager", f"{page}/tier-review/"),
        ("manager", f"{page}/tier-policy/"),
        ("rep", f"{page}/today/"),
        ("rep", f"{page}/panel/"),
        ("manager", f"{api}/partners/"),
        ("manager", f"{api}/overview/"),
    ]


def late(seconds: Sequence[float]) -> float:
    """Return the 95th percentile, in milliseconds."""
    return 1000 * quantiles(seconds, n=20, method="inclusive")[-1]


@contextmanager
def database_time() -> Iterator[list[float]]:
    """Add up the seconds that statements take."""
    from django.db import connection

    taken: list[float] = []

    def timed(execute: Callable[..., Any], *statement: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            taken.append(time.perf_counter() - started)

    with connection.execute_wrapper(timed):
        yield taken


def of_a_visit(tenant: Any) -> float:
    """Return the median milliseconds of database time from logging a visit to reading the new score."""
    from prm.celery import app

    app.conf.task_always_eager = True
    found = []
    for number in range(VISITS + 1):
        with database_time() as taken:
            seconds_of_a_visit(tenant, number)
        found.append(sum(taken))
    return 1000 * median(found[1:])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a page with both percentiles, their ratio and the queries; then the visits."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--partners", type=int, default=PARTNERS)
    parser.add_argument("--times", type=int, default=TIMES)
    options = parser.parse_args(arguments)
    start_django()
    (few, _), (many, crowd) = furnish(options.partners * FEW_PARTNERS // PARTNERS), furnish(options.partners)
    worst, uneven = 0.0, []
    for (role, ours), (_, theirs) in zip(pages(few), pages(many), strict=True):
        taken: list[list[float]] = [[], []]
        counts = [0, 0]
        for _ in range(options.times + 1):
            for at, (house, address) in enumerate(((few, ours), (many, theirs))):
                seconds, counts[at] = measure(house, role, address)
                taken[at].append(seconds)
        small, large = (late(times[1:]) for times in taken)
        worst = max(worst, large / small)
        name = ours.replace(str(few.partner.pk), "…").replace(few.slug, "…")
        uneven += [f"{name} ({counts[0]} and {counts[1]})"] if counts[0] != counts[1] else []
        print(
            f"{role:8} {name:52} {small:6.0f} ms {large:6.0f} ms  {large / small:5.2f}x  {counts[0]:3} and"
            f" {counts[1]} queries",
            flush=True,
        )
    print(f"worst    {worst:.2f}x with {options.partners:,} partners (goal {GOAL_RATIO}x, 95th percentiles)")
    print(
        f"queries  {'the same number on every page' if not uneven else 'fewer or more on: ' + ', '.join(uneven)}"
    )
    _, thousand = furnish(VISIT_PARTNERS)
    print(
        f"visit    {of_a_visit(thousand):.0f} ms of database time among {VISIT_PARTNERS:,} partners,"
        f" {of_a_visit(crowd):.0f} ms among {options.partners:,} (goal {GOAL_MILLISECONDS} ms)"
    )


if __name__ == "__main__":
    main()
