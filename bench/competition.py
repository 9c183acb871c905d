"""How the competition board fares with 100,000 insights in the tenant instead of 1,000.

Two fresh tenants with the same 500 partners, 8 competitors, 12 reasons and 6 products; the insights spread over 18 months, with
one or two reasons each. The board is asked for in turns, by product, region, rep and partner.

    python -m bench competition [--insights N] [--times N]
"""

import argparse
import re
import statistics
import time
from collections.abc import Sequence

from bench.common import fresh_tenant, start_django

INSIGHTS, FEW, TIMES, GOAL_MS = 100_000, 1_000, 7, 300
PARTNERS = 500
_DATA = (
    """
UPDATE partners_partner SET region = 'Region ' || (hashtext(name) & 2147483647) %% 9
""",
    """
INSERT INTO activities_competitor (id, tenant_id, name, created_at)
SELECT gen_random_uuid(), %(tenant)s, 'Competitor ' || n, now() FROM generate_series(1, 8) AS n
""",
    """
INSERT INTO activities_differentiator (id, tenant_id, name, created_at)
SELECT gen_random_uuid(), %(tenant)s, 'Reason ' || n, now() FROM generate_series(1, 12) AS n
""",
    """
INSERT INTO orders_product (id, tenant_id, code, name)
SELECT gen_random_uuid(), %(tenant)s, 'P' || n, 'Product ' || n FROM generate_series(1, 6) AS n
""",
    """
INSERT INTO activities_insight (id, tenant_id, partner_id, competitor_id, product_id, outcome, happened_on, note, amount,
       created_at)
SELECT gen_random_uuid(), %(tenant)s, p.ids[1 + h(n, 1) %% 500], c.ids[1 + h(n, 2) %% 8], q.ids[1 + h(n, 3) %% 6],
       (ARRAY['won', 'lost', 'lost', 'won', 'observed'])[1 + h(n, 4) %% 5], %(today)s - h(n, 5) %% 540, '',
       1000 + h(n, 6) %% 9000, now()
  FROM generate_series(1, %(insights)s) AS n
 CROSS JOIN (SELECT array_agg(id ORDER BY name) AS ids FROM partners_partner) AS p
 CROSS JOIN (SELECT array_agg(id ORDER BY name) AS ids FROM activities_competitor) AS c
 CROSS JOIN (SELECT array_agg(id ORDER BY name) AS ids FROM orders_product) AS q
""",
    """
INSERT INTO activities_insightdifferentiator (id, tenant_id, insight_id, differentiator_id)
SELECT gen_random_uuid(), %(tenant)s, i.id, d.ids[1 + (h(i.amount::int, m) + m) %% 12]
  FROM activities_insight i CROSS JOIN generate_series(0, 1) AS m
 CROSS JOIN (SELECT array_agg(id ORDER BY name) AS ids FROM activities_differentiator) AS d
 WHERE m = 0 OR h(i.amount::int, 9) %% 2 = 0
 ON CONFLICT DO NOTHING
""",
)
# A number at random and yet the same in every run.
_CHANCE = "(hashint4({0} * 31 + {1}) & 2147483647)"


def _filled(insights: int) -> str:
    from django.db import connection, transaction

    from partners.directory.service import create_partners_from_codes
    from prm.core import calendar
    from prm.tenancy.context import bound_tenant, current_tenant
    from prm.tenancy.models import Tenant

    slug = fresh_tenant()
    with bound_tenant(Tenant.objects.get(slug=slug)), transaction.atomic(), connection.cursor() as cursor:
        codes = {f"C{number}": f"Partner {number}" for number in range(PARTNERS)}
        create_partners_from_codes(codes, kind="physician", scheme="customer number")
        values = {
            "tenant": current_tenant().pk,
            "today": calendar.today(current_tenant()),
            "insights": insights,
        }
        for text in _DATA:
            written = re.sub(r"\bh\(([^,]+), ([^)]+)\)", lambda m: _CHANCE.format(*m.groups()), text)
            cursor.execute(written, values)
    return slug


def _asked(slug: str, by: str) -> float:
    from django.db import transaction

    from activities.market.board.report import board
    from prm.tenancy.context import bound_tenant
    from prm.tenancy.models import Tenant

    with bound_tenant(Tenant.objects.get(slug=slug)), transaction.atomic():
        begun = time.perf_counter()
        board("year", by=by)
        return (time.perf_counter() - begun) * 1_000


def main(words: Sequence[str] | None = None) -> None:
    """Fill both tenants, ask in turns, print the middle of each and their ratio."""
    parser = argparse.ArgumentParser(prog="bench competition")
    parser.add_argument("--insights", type=int, default=INSIGHTS)
    parser.add_argument("--times", type=int, default=TIMES)
    asked = parser.parse_args(words)
    start_django()
    from django.db import connection

    from bench.pages import _analyse

    few = _filled(FEW)
    # A session keeps its plans of the checks of references: those made for few rows would read whole tables for many.
    connection.close()
    many = _filled(asked.insights)
    # As what autovacuum does within a minute.
    _analyse()
    for by in ("product", "region", "rep", "partner"):
        rounds = [(_asked(few, by), _asked(many, by)) for _ in range(asked.times)]
        small, large = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(
            f"board by {by}: {large:.0f} ms with {asked.insights:,} insights (goal {GOAL_MS}), "
            f"{small:.0f} ms with {FEW:,}: {large / small:.1f}×",
            flush=True,
        )
