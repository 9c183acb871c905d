"""How list and partner pages fare with 1,000,000 orders in the tenant instead of 10,000.

Two fresh tenants have the same partners, and the orders of one are a hundred times those of the other
(spread over 24 months; one in thirty with a code that is nobody's, one in a hundred of the partner
whose page is asked for, so that it fills a page in both). Every page is then asked for in
turns, through the whole product (middleware, permissions, queries, templates), in this process, with
its queries counted.

    python -m bench pages [--orders N] [--partners N] [--times N]
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.common import fresh_tenant, start_django
from bench.import_orders import SOURCE_FILE

ORDERS, FEW_ORDERS, PARTNERS, TIMES = 1_000_000, 10_000, 2_000, 7
GOAL_RATIO = 1.5

_DATA = (
    """
CREATE TEMP TABLE bench_order ON COMMIT DROP AS
SELECT n, %(stem)s || to_hex(4294967296 + n) AS digits,
       CASE WHEN n %% 30 = 0 THEN NULL WHEN n %% 100 = 1 THEN 1 ELSE 1 + (hashint4(n) & 2147483647) %% %(partners)s END AS place,
       (%(now)s::timestamptz - make_interval(secs => (hashint4(n + 7) & 2147483647) %% 63000000)) AS placed_at,
       round(((hashint4(n + 13) & 2147483647) %% 90000) / 100.0 + 5, 2) AS amount
  FROM generate_series(1, %(orders)s) AS n
""",
    """
INSERT INTO orders_product (id, tenant_id, code, name)
SELECT gen_random_uuid(), %(tenant)s, 'P' || n, 'Product ' || n FROM generate_series(0, 199) AS n
""",
    """
INSERT INTO orders_order (id, tenant_id, source_id, number, partner_id, code, partner_name, placed_at, month,
       currency, amount, units, state, is_reversal, is_ignored, content_hash, revision)
SELECT b.digits::uuid, %(tenant)s, %(source)s, 'B' || b.n, c.partner_id,
       coalesce(c.code, 'UNKNOWN-' || b.n %% 200), '', b.placed_at,
       date_trunc('month', b.placed_at AT TIME ZONE %(zone)s)::date, %(currency)s, b.amount, 1,
       CASE WHEN b.n %% 50 = 0 THEN 'received' ELSE 'completed' END, false, false, md5(b.n::text), 1
  FROM bench_order b
  LEFT JOIN (SELECT partner_id, code, row_number() OVER (ORDER BY code) AS place FROM partners_referralcode) c
    USING (place)
""",
    """
INSERT INTO orders_orderline (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at)
SELECT %(tenant)s, b.digits::uuid, 1, p.id, 1, b.amount, b.amount, b.placed_at
  FROM bench_order b JOIN orders_product p ON p.code = 'P' || b.n %% 200
""",
    """
INSERT INTO partners_partnermonth (id, tenant_id, partner_id, month, orders, units, revenue, first_on, last_on)
SELECT gen_random_uuid(), %(tenant)s, partner_id, month, count(*), sum(units), sum(amount),
       min(placed_at AT TIME ZONE %(zone)s)::date, max(placed_at AT TIME ZONE %(zone)s)::date
  FROM orders_order WHERE partner_id IS NOT NULL GROUP BY partner_id, month
""",
)


@dataclass
class House:
    """A tenant with its people and the partner whose pages are asked for."""

    slug: str
    partner: Any = None
    order: Any = None
    clients: dict[str, Any] = field(default_factory=dict)


def furnish(orders: int, partners: int) -> House:
    """Return a fresh tenant with people, partners, orders, months and standings."""
    from django.db import connection

    from orders.sources.service import load_source
    from partners.directory.models import Partner
    from partners.directory.service import create_partners_from_codes
    from partners.standing.service import recompute_standings
    from prm.core.clock import now
    from prm.core.ids import id_stem
    from prm.tenancy.context import bound_tenant, tenant_scope
    from prm.tenancy.models import Tenant

    house = House(fresh_tenant())
    tenant = Tenant.objects.get(slug=house.slug)
    with tenant_scope(tenant):
        source, _ = load_source(SOURCE_FILE.read_text())
        codes = {f"C{number:06}": f"Partner {number:06}" for number in range(partners)}
        create_partners_from_codes(codes, kind="agent", scheme="customer number")
        values: dict[str, Any] = {
            "tenant": tenant.pk, "source": source.pk, "orders": orders, "partners": partners,
            "now": now(), "zone": tenant.timezone, "currency": tenant.currency, "stem": id_stem(),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
            for statement in _DATA:
                cursor.execute(statement, values)
    _people(house, tenant)
    with bound_tenant(tenant):
        recompute_standings()
    with tenant_scope(tenant):
        house.partner = Partner.objects.order_by("codes__code").first()
        house.order = house.partner.orders_sent.first()
    return house


def _people(house: House, tenant: Any) -> None:
    from django.conf import settings
    from django.test import Client

    from partners.directory.models import Partner
    from partners.directory.service import assign_rep
    from partners.portal.service import grant_access
    from prm.accounts.service import add_member
    from prm.tenancy.context import tenant_scope

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    with tenant_scope(tenant):
        some = list(Partner.objects.order_by("name").values_list("pk", flat=True)[:60])
        for role in ("manager", "rep", "partner"):
            member = add_member(email=f"{role}@{house.slug}.example", name=role, role=role)
            if role == "rep":
                assign_rep(some, rep=member)
            if role == "partner":
                grant_access(member, partner=Partner.objects.get(pk=some[0]))
            house.clients[role] = Client()
            house.clients[role].force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[-1])


def pages(house: House) -> list[tuple[str, str]]:
    """Whose pages and which: (role, address)."""
    page, api = f"/t/{house.slug}", f"/api/v1/{house.slug}"
    return [
        ("manager", f"{page}/partners/"),
        ("manager", f"{page}/partners/?q=Partner+0001"),
        ("manager", f"{page}/partners/?sort=-revenue&page=20"),
        ("manager", f"{page}/partners/{house.partner.pk}/"),
        ("manager", f"{page}/timeline/?partner={house.partner.pk}"),
        ("manager", f"{page}/orders/"),
        ("manager", f"{page}/orders/?page=150"),
        ("manager", f"{page}/orders/?state=received"),
        ("manager", f"{page}/orders/?partner={house.partner.pk}"),
        ("manager", f"{page}/orders/{house.order.pk}/"),
        ("manager", f"{page}/orders/unattributed/"),
        ("manager", f"{page}/tier-review/"),
        ("manager", f"{page}/panels/"),
        ("rep", f"{page}/today/"),
        ("rep", f"{page}/panel/"),
        ("partner", f"{page}/home/"),
        ("partner", f"{page}/referrals/"),
        ("manager", f"{api}/partners/"),
        ("manager", f"{api}/orders/"),
    ]


def measure(house: House, role: str, address: str) -> tuple[float, int]:
    """Seconds and queries of one request, which must succeed."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        answer = house.clients[role].get(address)
        seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    return seconds, len(queries)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a page: milliseconds and queries with few and with many orders, and the ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--partners", type=int, default=PARTNERS)
    parser.add_argument("--times", type=int, default=TIMES)
    options = parser.parse_args(arguments)
    start_django()
    few = furnish(options.orders * FEW_ORDERS // ORDERS, options.partners)
    many = furnish(options.orders, options.partners)
    _analyse()
    worst, uneven = 0.0, []
    for (role, ours), (_, theirs) in zip(pages(few), pages(many), strict=True):
        taken: list[list[float]] = [[], []]
        counts = [0, 0]
        for _ in range(options.times):
            for at, (house, address) in enumerate(((few, ours), (many, theirs))):
                seconds, counts[at] = measure(house, role, address)
                taken[at].append(seconds)
        small, large = (1000 * min(times) for times in taken)
        worst = max(worst, large / small)
        name = ours.removeprefix(f"/t/{few.slug}").replace(str(few.partner.pk), "…")
        name = name.replace(str(few.order.pk), "…").replace(few.slug, "…")
        if counts[0] != counts[1]:
            uneven.append(f"{name} ({counts[0]} and {counts[1]})")
        print(
            f"{role:8} {name:32} {small:6.0f} ms {large:6.0f} ms  {large / small:5.2f}x  {counts[0]:3} and"
            f" {counts[1]} queries",
            flush=True,
        )
    print(f"worst    {worst:.2f}x with {options.orders:,} orders (goal {GOAL_RATIO}x)")
    print(
        f"queries  {'the same number on every page' if not uneven else 'fewer or more on: ' + ', '.join(uneven)}"
    )


def _analyse() -> None:
    """Do what autovacuum does within some minutes: statistics, and pages marked as visible to all.

    A page is not marked while any transaction is open that began before its rows came.
    """
    from django.db import connection

    from prm.tenancy.backend.owner import owner_mode

    with owner_mode(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for _ in range(30):
            cursor.execute("VACUUM orders_order")
            cursor.execute(
                "SELECT relallvisible > relpages * 0.9 FROM pg_class WHERE relname = 'orders_order'"
            )
            if cursor.fetchone()[0]:
                break
            time.sleep(1)


if __name__ == "__main__":
    main()
