"""How computing all standings compares with one SQL statement that has the same joins.

In a fresh tenant 50,000 partners get 24 months of orders, and a plausible part of them share
estimates, call plans, visits, insights and opportunities. Then each round takes, side by side:

* bare: one INSERT ... SELECT that joins all the same tables (partner-months, the latest estimate of
  each source, the call plan in force, visits by month, the last budget update of each opportunity,
  raises, insights, the present standing and the snapshot of last month) and writes level, tier,
  share, revenue sums and the counts behind each score component, one row per partner, into a table
  with a primary key. It has no score, no reasons, no ranges and one day of judgement only.
* first: nothing is stored yet. The product computes today and, for "why not 61 as last month", the
  end of last month; writes standings and snapshots with every component's reasons, puts first tiers
  in force and signs them, all with the audit trail's triggers and the tables' keys and indexes.
* stored: the rows of that first run put back by plain INSERT ... SELECT, and the tiers by one UPDATE,
  with the keys checked: what keeping them costs, whoever computes them.
* unchanged: the same again, as every night. Nothing is written.
* one percent: one partner in a hundred has a new order.
* all changed: a new version of the policy is in force, so every standing is written again.

The figures of some partners are compared with what plain Python makes of their months. Last, one
visit is logged in a tenant of 50 and in the one of 50,000 partners, in turns, until the new score
can be read.

    python -m bench.standings [--partners N] [--rounds N]
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

if not __package__:  # started by its path, `python bench/standings.py`
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.common import (
    Figures,
    fresh_tenant,
    middle,
    own_memory,
    print_round,
    start_django,
    stop_if_wrong,
)

PARTNERS, MONTHS, FEW, VISITS = 50_000, 24, 50, 15
GOAL_RATIO, GOAL_VISIT = 3.0, 2.0
CHECKED = 300

# --- data ---------------------------------------------------------------------------------------

# A number from 0 to below 1 that depends on the partner's number, a step and the kind of thing only,
# so that every run has the same data.
_CHANCE = "((hashint8extended({n} * 1000 + {k}, {what}) & 1048575) / 1048576.0)"
_ID = (
    "(lpad(to_hex(1700000000000 + {n}), 12, '0') || '7' || substr(md5({seed}), 1, 3) || '8'"
    " || substr(md5({seed}), 4, 15))::uuid"
)


def _chance(what: int, n: str = "n", k: str = "0") -> str:
    return _CHANCE.format(n=n, k=k, what=what)


_DATA = [
    f"""
CREATE TEMP TABLE bench_people ON COMMIT DROP AS
SELECT n, {_ID.format(n="n", seed="%(tenant)s::text || n")} AS id,
       exp(ln(250) + 1.1 * (sqrt(-2 * ln(1 - {_chance(1)})) * cos(2 * pi() * {_chance(2)}))) AS size,
       CASE WHEN {_chance(3)} < 0.04 THEN 99
            WHEN {_chance(3)} < 0.20 THEN floor({_chance(4)} * 20)::int ELSE 0 END AS begins,
       CASE WHEN {_chance(5)} < 0.10 THEN floor({_chance(6)} * 18)::int + 6 ELSE 99 END AS ends,
       CASE WHEN {_chance(7)} < 0.75 THEN 1 ELSE 0.4 END AS steady
  FROM generate_series(1, %(partners)s) AS n""",
    """
INSERT INTO partners_partner (id, tenant_id, name, kind, specialty, city, region, email, phone, website,
       is_active, tier, tier_held, notes, rep_id)
SELECT id, %(tenant)s, 'Partner ' || n, 'agent', '', '', '', '', '', '', true, '', '', '', %(rep)s
  FROM bench_people""",
    f"""
INSERT INTO partners_partnermonth (id, tenant_id, partner_id, month, orders, units, revenue, first_on, last_on)
SELECT gen_random_uuid(), %(tenant)s, id, day, orders, orders, round((size * orders *
       (0.5 + {_chance(8, k="m")}))::numeric, 2), day + floor({_chance(9, k="m")} * 10)::int,
       least(day + 10 + floor({_chance(10, k="m")} * 18)::int, %(today)s)
  FROM bench_people CROSS JOIN generate_series(0, %(months)s - 1) AS m
 CROSS JOIN LATERAL (SELECT (date_trunc('month', %(today)s::date) - make_interval(months => %(months)s - 1 - m))::date
       AS day, 1 + floor({_chance(11, k="m")} * {_chance(12)} * 9)::int AS orders) AS shape
 WHERE m >= begins AND m < ends AND {_chance(13, k="m")} < steady""",
    f"""
INSERT INTO partners_shareestimate (id, tenant_id, partner_id, low, middle, high, source, as_of, created_at)
SELECT gen_random_uuid(), %(tenant)s, id, round(middle * 0.8, 2), middle, round(middle * 1.3, 2), source,
       %(today)s - 30 - floor({_chance(14)} * 600)::int, now()
  FROM bench_people JOIN (VALUES ('Claims data', 15, 0.5), ('Rep', 16, 0.25), ('Rep', 17, 0.1))
       AS s (source, salt, part) ON {_chance(18, k="salt")} < part
 CROSS JOIN LATERAL (SELECT round((size * (10 + 60 * {_chance(19, k="salt")}))::numeric, 2) AS middle) AS shape""",
    f"""
INSERT INTO activities_callplan (id, tenant_id, partner_id, visits, months, valid_from, created_at)
SELECT gen_random_uuid(), %(tenant)s, id, 1 + floor({_chance(20)} * 4)::int,
       (ARRAY[1, 1, 3, 6])[1 + floor({_chance(21)} * 4)::int], %(today)s - 400, now()
  FROM bench_people WHERE {_chance(22)} < 0.2""",
    f"""
INSERT INTO activities_visit (id, tenant_id, partner_id, rep_id, channel, happened_at, purpose, purpose_other,
       learned, next_step, created_at)
SELECT gen_random_uuid(), %(tenant)s, id, %(rep)s, 'in_person',
       %(now)s - make_interval(days => 1 + (m * 40 + floor({_chance(23, k="m")} * 40))::int), 'relationship', '',
       '', '', now()
  FROM bench_people CROSS JOIN generate_series(0, 9) AS m
 WHERE {_chance(24)} < 0.4 AND {_chance(25, k="m")} < 0.7""",
    """
INSERT INTO activities_competitor (id, tenant_id, name, created_at)
SELECT gen_random_uuid(), %(tenant)s, 'Competitor ' || n, now() FROM generate_series(1, 6) AS n""",
    f"""
INSERT INTO activities_insight (id, tenant_id, partner_id, competitor_id, outcome, happened_on, note, rep_id,
       created_at)
SELECT gen_random_uuid(), %(tenant)s, p.id, c.ids[1 + floor({_chance(26, k="m")} * 6)::int],
       (ARRAY['won', 'lost', 'observed'])[1 + floor({_chance(27, k="m")} * 3)::int],
       %(today)s - floor({_chance(28, k="m")} * 800)::int, '', %(rep)s, now()
  FROM bench_people p CROSS JOIN generate_series(0, 9) AS m
 CROSS JOIN (SELECT array_agg(id ORDER BY name) AS ids FROM activities_competitor) AS c
 WHERE {_chance(29)} < 0.15 AND {_chance(30, k="m")} < 0.8""",
    f"""
INSERT INTO activities_opportunity (id, tenant_id, partner_id, name, stage, amount, currency, close_date,
       state, closed_at, created_at)
SELECT gen_random_uuid(), %(tenant)s, id, 'Opportunity ' || m, 'prospecting', round((size * 20)::numeric, 2),
       %(currency)s, %(today)s - 60 + floor({_chance(31, k="m")} * 300)::int, state,
       CASE WHEN state = 'open' THEN NULL ELSE %(now)s - interval '20 days' END, now()
  FROM bench_people CROSS JOIN generate_series(0, 1) AS m
 CROSS JOIN LATERAL (SELECT CASE WHEN {_chance(32, k="m")} < 0.7 THEN 'open' ELSE 'won' END AS state) AS shape
 WHERE {_chance(33, k="m")} < 0.12""",
    """
INSERT INTO activities_budgetupdate (id, tenant_id, opportunity_id, old_amount, new_amount, new_close, note, at,
       parts_before)
SELECT gen_random_uuid(), %(tenant)s, id, CASE step WHEN 0 THEN NULL ELSE amount * 0.8 END,
       CASE step WHEN 0 THEN amount * 0.8 ELSE amount END, close_date, '',
       %(now)s - make_interval(days => 150 - step * 100), '{}'
  FROM activities_opportunity CROSS JOIN generate_series(0, 1) AS step""",
]


_TABLES = (
    "partners_partner", "partners_partnermonth", "partners_shareestimate", "partners_standing",
    "partners_standingmonth", "partners_tierreview", "activities_callplan", "activities_visit",
    "activities_competitor", "activities_insight", "activities_opportunity", "activities_budgetupdate",
)  # fmt: skip


def make_data(tenant: Any, partners: int) -> None:
    """Fill a tenant with partners and everything their standing is computed from."""
    from django.db import connection

    from partners.policy.models import StandingPolicy
    from prm.accounts.service import add_member
    from prm.core import clock
    from prm.core.calendar import today
    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant), connection.cursor() as cursor:
        rep = add_member(email=f"rep@{tenant.slug}.example", role="rep")
        values = {
            "tenant": tenant.pk, "partners": partners, "months": MONTHS, "today": today(tenant),
            "now": clock.now(), "rep": rep.pk, "currency": tenant.currency,
        }  # fmt: skip
        for statement in _DATA:
            cursor.execute(statement, values)
        # Tiers are set and signed in these figures, as once somebody has confirmed bands.
        StandingPolicy.objects.update(is_confirmed=True)
    vacuum()


def vacuum() -> None:
    """Give both sides the statistics and the free space that autovacuum would have made by then."""
    from django.db import connection

    from prm.tenancy.backend.owner import owner_mode

    with owner_mode(), connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(_TABLES)}")


def forget(tenant: Any) -> None:
    """Take away what was computed, so that the next round's first run is one again."""
    from partners.directory.models import Partner
    from partners.reviews.models import TierReview
    from partners.standing.models import Standing, StandingMonth
    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant):
        for model in (Standing, StandingMonth, TierReview):
            model.objects.all()._raw_delete("default")  # noqa: SLF001 - without collecting 50,000 rows first
        Partner.objects.update(tier="", tier_since=None)
    vacuum()


# --- yardstick ----------------------------------------------------------------------------------

_TABLE = """
CREATE TABLE bench_standings (
  partner_id uuid PRIMARY KEY, level text, tier text, tier_proposal text, share numeric, revenue_12m numeric,
  revenue_total numeric, orders_12m bigint, first_on date, last_on date, busy bigint, recent numeric,
  before numeric, with_orders bigint, planned int, done bigint, done_before bigint, expected numeric,
  opportunities bigint, raised numeric, won bigint, decided bigint, before_score numeric, month_ago numeric)
"""
_YARDSTICK = """
WITH days AS (
  SELECT %(today)s::date AS today, date_trunc('month', %(today)s::date)::date AS running,
         (date_trunc('month', %(today)s::date) - interval '12 months')::date AS year,
         (date_trunc('month', %(today)s::date) - interval '6 months')::date AS half,
         (date_trunc('month', %(today)s::date) - interval '3 months')::date AS quarter,
         (date_trunc('month', %(today)s::date) - interval '1 month')::date AS last),
m AS (
  SELECT partner_id, sum(revenue) AS total, min(first_on) AS first_on, max(last_on) AS last_on,
         sum(revenue) FILTER (WHERE month > year) AS revenue,
         sum(orders) FILTER (WHERE month > year) AS orders,
         count(*) FILTER (WHERE month > half AND orders > 0) AS busy,
         sum(orders) FILTER (WHERE month >= quarter AND month < running) / 3.0 AS recent,
         sum(orders) FILTER (WHERE month >= year AND month < quarter) / 9.0 AS before,
         count(*) FILTER (WHERE month >= half AND month < running AND orders > 0) AS with_orders
    FROM partners_partnermonth, days WHERE month <= running GROUP BY partner_id),
e AS (
  SELECT partner_id, avg(middle) AS middle FROM (
    SELECT DISTINCT ON (partner_id, source) partner_id, middle FROM partners_shareestimate, days
     WHERE as_of <= today ORDER BY partner_id, source, as_of DESC, created_at DESC, id DESC) latest
   GROUP BY partner_id),
c AS (
  SELECT DISTINCT ON (partner_id) partner_id, visits, months FROM activities_callplan, days
   WHERE valid_from <= today ORDER BY partner_id, valid_from DESC),
v AS (
  SELECT partner_id, count(*) FILTER (WHERE happened_at >= running) AS done,
         count(*) FILTER (WHERE happened_at < running) AS done_before
    FROM activities_visit, days WHERE happened_at >= half AND happened_at < today + 1 GROUP BY partner_id),
o AS (
  SELECT partner_id, sum(new_amount) AS expected, count(*) AS opportunities FROM (
    SELECT DISTINCT ON (b.opportunity_id) o.partner_id, new_amount, new_close
      FROM activities_budgetupdate b JOIN activities_opportunity o ON o.id = b.opportunity_id, days
     WHERE at < today + 1 AND (o.closed_at IS NULL OR o.closed_at >= today + 1) AND o.currency = %(currency)s
     ORDER BY b.opportunity_id, at DESC, b.id DESC) latest, days
   WHERE new_close BETWEEN today - 30 AND today + 366 GROUP BY partner_id),
r AS (
  SELECT partner_id, sum(new_amount) - sum(old_amount) AS raised
    FROM activities_budgetupdate b JOIN activities_opportunity o ON o.id = b.opportunity_id, days
   WHERE at >= today - 89 AND at < today + 1 AND old_amount IS NOT NULL
     AND (o.closed_at IS NULL OR o.closed_at >= today + 1) AND o.currency = %(currency)s
   GROUP BY partner_id),
i AS (
  SELECT partner_id, count(*) FILTER (WHERE outcome = 'won') AS won, count(*) AS decided
    FROM activities_insight JOIN activities_competitor c ON c.id = competitor_id, days
   WHERE outcome IN ('won', 'lost') AND happened_on <= today AND happened_on > today - 730
   GROUP BY partner_id)
INSERT INTO bench_standings
SELECT p.id,
       CASE WHEN m.last_on IS NULL THEN 'prospect' WHEN m.last_on < half THEN 'lapsed'
            WHEN busy >= 3 OR m.first_on < half THEN 'repeat' ELSE 'new' END, p.tier,
       CASE WHEN m.revenue >= 10000 THEN 'high' WHEN m.revenue >= 2000 THEN 'medium' ELSE 'low' END,
       least(1, m.revenue / e.middle), m.revenue, m.total, m.orders, m.first_on, m.last_on, busy, recent,
       before, with_orders, c.visits, done, done_before, expected, opportunities, raised, won, decided,
       s.score, k.score
  FROM days CROSS JOIN partners_partner p
  LEFT JOIN m ON m.partner_id = p.id LEFT JOIN e ON e.partner_id = p.id
  LEFT JOIN c ON c.partner_id = p.id LEFT JOIN v ON v.partner_id = p.id
  LEFT JOIN o ON o.partner_id = p.id LEFT JOIN r ON r.partner_id = p.id
  LEFT JOIN i ON i.partner_id = p.id LEFT JOIN partners_standing s ON s.partner_id = p.id
  LEFT JOIN partners_standingmonth k ON k.partner_id = p.id AND k.month = days.last
"""


@contextmanager
def bench_table() -> Iterator[None]:
    """Return the yardstick's own table, empty, writable for the application's role."""
    from django.db import connection

    from prm.tenancy.backend.owner import owner_mode

    role = connection.settings_dict["USER"]
    with owner_mode(), connection.cursor() as cursor:
        cursor.execute(f'{_TABLE}; GRANT INSERT ON bench_standings TO "{role}"')
    try:
        yield
    finally:
        with owner_mode(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_standings")


def yardstick(tenant: Any) -> float:
    """Seconds of the one statement."""
    from django.db import connection

    from prm.core.calendar import today
    from prm.tenancy.context import tenant_scope

    with bench_table():
        started = time.monotonic()
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(_YARDSTICK, {"today": today(tenant), "currency": tenant.currency})
        return time.monotonic() - started


_KEPT = ("partners_standing", "partners_standingmonth", "partners_tierreview")


def storing(tenant: Any) -> float:
    """Seconds it takes to put the stored rows back, in a transaction that is undone."""
    from django.db import connection, transaction

    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant), connection.cursor() as cursor:
        for table in _KEPT:
            cursor.execute(f"CREATE TEMP TABLE copy_of_{table} ON COMMIT DROP AS SELECT * FROM {table}")
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute(
            "CREATE TEMP TABLE copy_of_tiers ON COMMIT DROP AS SELECT id, tier FROM partners_partner"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE partners_partner SET tier = ''")
        started = time.monotonic()
        for table in _KEPT:
            cursor.execute(f"INSERT INTO {table} SELECT * FROM copy_of_{table}")
        cursor.execute(
            "UPDATE partners_partner p SET tier = c.tier FROM copy_of_tiers c WHERE c.id = p.id AND c.tier > ''"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.monotonic() - started
        transaction.set_rollback(True)
    return seconds


# --- the product --------------------------------------------------------------------------------


def restand(tenant: Any) -> tuple[float, int]:
    """Seconds of a recomputation of the whole tenant, as the nightly task does it, and what it changed."""
    from partners.standing.service import recompute_standings
    from prm.tenancy.context import bound_tenant

    started = time.monotonic()
    with bound_tenant(tenant):
        changed = recompute_standings()
    return time.monotonic() - started, changed


def one_order_more(tenant: Any) -> int:
    """Give one partner in a hundred an order today; how many that are."""
    from django.db import connection

    from prm.core.calendar import month_start, today
    from prm.tenancy.context import tenant_scope

    day = today(tenant)
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partners_partnermonth SET orders = orders + 1, revenue = revenue + 10, last_on = %(day)s"
            " WHERE month = %(month)s AND partner_id IN (SELECT id FROM partners_partner"
            " WHERE (hashtextextended(name, 7) & 1048575) %% 100 = 0)",
            {"day": day, "month": month_start(day)},
        )
        return int(cursor.rowcount)


def new_policy(tenant: Any) -> None:
    """Count the policy's version up, as signing a new one does, without the task that follows."""
    from django.db.models import F

    from partners.policy.models import StandingPolicy
    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant):
        StandingPolicy.objects.update(version=F("version") + 1)


def seconds_of_a_visit(tenant: Any, number: int) -> float:
    """From the call that logs a visit until the partner's new score can be read."""
    from activities.visits.service import VisitInput, log_visit
    from partners.directory.models import Partner
    from partners.standing.models import Standing
    from prm.accounts.models import Membership
    from prm.core import clock
    from prm.tenancy.context import tenant_scope

    with tenant_scope(tenant):
        partner = Partner.objects.order_by("pk")[number]
        rep = Membership.objects.get(role="rep")
        before = Standing.objects.get(partner=partner).computed_at
    details = VisitInput(channel="in_person", happened_at=clock.now(), purpose="relationship")
    started = time.monotonic()
    with tenant_scope(tenant):
        log_visit(partner=partner, rep=rep, details=details)
    with tenant_scope(tenant):
        after = Standing.objects.get(partner=partner).computed_at
    seconds = time.monotonic() - started
    stop_if_wrong([] if after > before else [f"a visit left the standing of {partner} alone"])
    return seconds


def visits(few: Any, many: Any) -> tuple[float, float]:
    """Middle seconds of one visit in each tenant, taken in turns; tasks run at once, without a broker."""
    from prm.celery import app

    app.conf.task_always_eager = True
    taken = [(seconds_of_a_visit(few, n), seconds_of_a_visit(many, n)) for n in range(VISITS + 1)]
    # The first one opens connections and imports modules.
    return median(one for one, _ in taken[1:]), median(other for _, other in taken[1:])


# --- check --------------------------------------------------------------------------------------


def _back(month: date, count: int) -> date:
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def _level(rows: list[dict[str, Any]], day: date) -> str:
    """Default rules: windows of six months, repeat in three of six; a running month may be left out."""
    first = min((row["first_on"] for row in rows if row["first_on"]), default=None)
    last = max((row["last_on"] for row in rows if row["last_on"]), default=None)
    if first is None or last is None:
        return "prospect"
    window = _back(day.replace(day=1), 6)
    edge = min(day.day, ((window + timedelta(days=31)).replace(day=1) - timedelta(days=1)).day)
    window = window.replace(day=edge)
    if last < window:
        return "lapsed"
    active = {row["month"] for row in rows if row["orders"] > 0}
    busy = max(sum(_back(day.replace(day=1), back + step) in active for step in range(6)) for back in (0, 1))
    return "repeat" if busy >= 3 or first < window else "new"


def checked(tenant: Any, partners: int) -> list[str]:
    """Differences between some stored standings and what plain Python makes of their months."""
    from partners.standing.models import PartnerMonth, Standing
    from prm.core.calendar import today
    from prm.tenancy.context import tenant_scope

    day = today(tenant)
    year = [_back(day.replace(day=1), step) for step in range(12)]
    wrong = []
    with tenant_scope(tenant):
        ids = list(Standing.objects.order_by("partner_id").values_list("partner_id", flat=True))
        if len(ids) != partners:
            wrong.append(f"{len(ids)} standings for {partners} partners")
        for pk in random.Random(7).sample(ids, min(CHECKED, len(ids))):
            found = Standing.objects.get(partner_id=pk)
            rows = list(PartnerMonth.objects.filter(partner_id=pk).values())
            revenue = sum((row["revenue"] for row in rows if row["month"] in year), Decimal(0))
            parts = {part["key"]: part for part in found.components}
            part = min(float(revenue) / 10_000, 1) * 0.9 + min(max(float(revenue) / 10_000 - 1, 0), 1) * 0.1
            points = round(sum(one["points"] or 0 for one in found.components), 1)
            pairs = {
                "revenue": (found.revenue_12m, revenue),
                "orders": (found.orders_12m, sum(row["orders"] for row in rows if row["month"] in year)),
                "total": (found.revenue_total, sum((row["revenue"] for row in rows), Decimal(0))),
                "level": (found.level, _level(rows, day)),
                "points for revenue": (parts["revenue"]["fraction"], round(part, 4)),
                "score": (found.score, Decimal(str(points))),
            }
            wrong += [f"{pk} {what}: {a}, expected {b}" for what, (a, b) in pairs.items() if a != b]
    return wrong


# --- rounds -------------------------------------------------------------------------------------


def one_round(tenant: Any, partners: int) -> Figures:
    """Every figure once, the yardstick before, between and after."""
    forget(tenant)
    bare = [yardstick(tenant)]
    first, written = restand(tenant)
    stored = storing(tenant)
    vacuum()
    bare.append(yardstick(tenant))
    unchanged, nothing = restand(tenant)
    touched = one_order_more(tenant)
    percent, changed = restand(tenant)
    wrong = checked(tenant, partners)
    new_policy(tenant)
    every, rewritten = restand(tenant)
    bare.append(yardstick(tenant))
    counts = written, nothing, changed, rewritten
    if counts != (partners, 0, touched, partners):
        wrong.append(f"written {counts}, expected {(partners, 0, touched, partners)}")
    stop_if_wrong(wrong)
    return {
        "bare": median(bare), "first": first, "stored": stored, "unchanged": unchanged,
        "one percent": percent, "all changed": every,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the data, run the rounds and print one line each, then the middle one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--partners", type=int, default=PARTNERS, help="fewer make a quick try")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    start_django()
    from prm.tenancy.models import Tenant

    few, many = (Tenant.objects.get(slug=fresh_tenant()) for _ in range(2))
    make_data(few, FEW)
    restand(few)
    make_data(many, options.partners)
    print(f"{options.partners:,} partners, {MONTHS} months", flush=True)
    rounds = []
    for _ in range(options.rounds):
        rounds.append(one_round(many, options.partners))
        print_round(rounds[-1])
    memory = own_memory()
    vacuum()
    alone, among = visits(few, many)
    typical = middle(rounds, lambda f: f["unchanged"] / f["bare"])
    for name in ("unchanged", "one percent", "all changed", "first"):
        ratio = typical[name] / typical["bare"]
        print(f"{name:<12} {ratio:.2f}x one SQL statement with the same joins (goal {GOAL_RATIO:.0f}x)")
    both = typical["first"] / (typical["bare"] + typical["stored"])
    print(f"             {both:.2f}x that statement and plain INSERTs of the same rows")
    print(f"memory       {memory:.0f} MB peak of the process")
    print(
        f"visit        {among:.3f} s until the new score among {options.partners:,} partners, {alone:.3f} s"
        f" among {FEW}: {among / alone:.2f}x (goal {GOAL_VISIT:.0f} s, 1x)"
    )


if __name__ == "__main__":
    main()
