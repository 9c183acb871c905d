"""Whether an import stays the same when everything around it is large. Not part of a plain `make bench`: it takes long.

* `--lines N` (5,000,000): so many made-up lines in one run, against as many as the real data has: time per line, memory
* `--held N` (10,000,000): one day's file into a tenant that holds so many lines, against one that holds 100,000

    make bench ARGS="volume [--lines N] [--held N] [--days N]"
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

if not __package__:  # started by its path, `python bench/volume.py`
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.common import Figures, fresh_tenant, manage, print_round, start_django
from bench.import_orders import SOURCE_FILE, SOURCE_NAME, made_up

GOAL_LINES, GOAL_DAY, FEW, USUAL, DAY = 1.2, 1.3, 100_000, 541_909, 1_800
_PARTNERS, _LINES_OF_ORDER, _PRODUCTS = 4_000, 20, 4_000


def ready_tenant() -> str:
    """Return the slug of a fresh tenant with the source of the real data."""
    slug = fresh_tenant()
    manage("order_source", "--tenant", slug, "--load", str(SOURCE_FILE))
    return slug


def run_import(slug: str, files: Sequence[Path]) -> Figures:
    """Import files by the real command: seconds with the commit, peak megabytes, lines stored."""
    words = ("import_orders", "--tenant", slug, "--source", SOURCE_NAME, "--json", *map(str, files))
    output, _, memory = manage(*words)
    counts = json.loads(output)
    return {"seconds": counts["seconds"], "memory": memory, "stored": counts["lines"]["stored"]}


def many_lines(lines: int) -> Figures:
    """Import made-up lines into a fresh tenant; microseconds per line."""
    with tempfile.TemporaryDirectory(prefix="bench-lines-") as folder:
        made_up(Path(folder), lines)
        taken = run_import(ready_tenant(), sorted(Path(folder).glob("*.csv")))
    return taken | {"microseconds per line": taken["seconds"] * 1e6 / lines}


# Five years of orders, the oldest first, each of twenty lines.
_ORDERS_SQL = """
INSERT INTO orders_order (id, tenant_id, source_id, number, partner_id, code, placed_at, month, currency, amount, units,
    state, is_reversal, content_hash)
SELECT (lpad(to_hex(n + 1048576 * 1024), 12, '0') || '7000800000000000' || substr(md5(n::text), 1, 4))::uuid,
       %(tenant)s, %(source)s, (1000000 + n)::text, p.id, p.name, t.at, date_trunc('month', t.at), %(currency)s, 200, 20,
       'completed', false, md5(n::text)
FROM generate_series(0, %(orders)s - 1) n
CROSS JOIN LATERAL (SELECT timestamptz '2021-11-01 12:00+00' + interval '1826 days' * (n::float / %(orders)s)) t (at)
JOIN (SELECT id, name, row_number() OVER (ORDER BY name) - 1 AS place FROM partners_partner
      WHERE tenant_id = %(tenant)s) p ON p.place = n %% %(partners)s
"""
_LINES_SQL = """
INSERT INTO orders_orderline (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at)
SELECT o.tenant_id, o.id, l, p.id, 1, 10, 10, o.placed_at
FROM orders_order o CROSS JOIN generate_series(1, %(lines)s) l
JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM orders_product
      WHERE tenant_id = %(tenant)s) p
    ON p.place = abs(hashint8(o.number::bigint * %(lines)s + l)::bigint) %% %(products)s
WHERE o.tenant_id = %(tenant)s AND o.number::int >= 1000000 + %(from)s AND o.number::int < 1000000 + %(to)s
"""


def full_tenant(lines: int) -> str:
    """Return the slug of a tenant that holds so many lines, written by SQL."""
    from django.db import connection

    from orders.catalogue.models import Product
    from orders.sources.models import OrderSource
    from partners.directory.models import Partner, ReferralCode
    from prm.tenancy.backend.owner import owner_mode
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    tenant = Tenant.objects.get(slug=ready_tenant())
    orders = lines // _LINES_OF_ORDER
    names = [str(12346 + n) for n in range(min(_PARTNERS, max(1, orders // 12)))]
    with tenant_scope(tenant), connection.cursor() as cursor:
        partners = Partner.objects.bulk_create(Partner(name=name, kind="dealer") for name in names)
        ReferralCode.objects.bulk_create(
            ReferralCode(partner=one, code=one.name, normal=one.name, scheme="customer number")
            for one in partners
        )
        Product.objects.bulk_create(
            Product(code=f"{20001 + n}A", name=f"WHITE HANGING HEART NO {n + 1}") for n in range(_PRODUCTS)
        )
        values = {
            "tenant": tenant.pk, "source": OrderSource.objects.get().pk, "currency": tenant.currency,
            "partners": len(names), "products": _PRODUCTS, "orders": orders, "lines": _LINES_OF_ORDER,
        }  # fmt: skip
        cursor.execute(_ORDERS_SQL, values)
    step = 50_000
    for start in range(0, orders, step):
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(_LINES_SQL, {**values, "from": start, "to": start + step})
    with owner_mode(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE orders_order, orders_orderline, partners_partner, orders_product")
    return tenant.slug


def one_day(few: str, many: str, days: int) -> tuple[Figures, Figures]:
    """Middle seconds of one day's file into each tenant, taken in turns; each day once."""
    taken: dict[str, list[float]] = {few: [], many: []}
    with tempfile.TemporaryDirectory(prefix="bench-days-") as folder:
        made_up(Path(folder), DAY * days, DAY)
        for path in sorted(Path(folder).glob("*.csv"))[:days]:
            for slug, seconds in taken.items():
                seconds.append(run_import(slug, [path])["seconds"])
    # The first one reads the indexes from disk.
    return ({"seconds": median(taken[few][1:])}, {"seconds": median(taken[many][1:])})


def main(words: Sequence[str] | None = None) -> None:
    """Measure both and print ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=5_000_000, help="0 leaves this part out")
    parser.add_argument("--held", type=int, default=10_000_000, help="0 leaves this part out")
    parser.add_argument("--days", type=int, default=7)
    options = parser.parse_args(words)
    start_django()
    if options.lines:
        usual, large = many_lines(USUAL), many_lines(options.lines)
        print_round(usual)
        print_round(large)
        ratio = large["microseconds per line"] / usual["microseconds per line"]
        print(f"{options.lines:,} lines: {ratio:.2f}x the time per line of {USUAL:,} (goal {GOAL_LINES}x)")
        print(f"memory {large['memory']:.0f} MB against {usual['memory']:.0f} MB of the process")
    if options.held:
        few, many = one_day(full_tenant(FEW), full_tenant(options.held), options.days)
        ratio = many["seconds"] / few["seconds"]
        print(
            f"one day into {options.held:,} lines: {many['seconds']:.2f} s, into {FEW:,}: {few['seconds']:.2f} s,"
            f" {ratio:.2f}x (goal {GOAL_DAY}x)"
        )


if __name__ == "__main__":
    main()
