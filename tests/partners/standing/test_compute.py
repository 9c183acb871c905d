"""Standings of a varied population, against plain Python that shares nothing with the product.

Every figure of every partner is compared, so a slip that concerns one kind of partner only (no
orders, reversals alone, an estimate of the future, a tier changed last week) has nowhere to hide.
"""

import random
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from partners.directory.models import Partner
from partners.policy.queries import policy_in_force
from partners.share.models import ShareEstimate
from partners.standing import compute as standing_compute
from partners.standing import service as standing_service
from partners.standing.models import PartnerMonth, Standing, StandingMonth
from tests.partners.standing import plain

RUNNING, COMPLETE = date(2026, 11, 23), date(2026, 11, 30)
HIGH, MEDIUM = 10_000, 2_000
WEIGHTS = {"revenue": 30, "trend": 10, "regularity": 15, "share": 15}


def back(month, count):
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def some_months(chance, partner):
    """Up to 40 months: none, a few long ago, regular, new; with reversals and months without orders."""
    kind = chance.choice(["none", "lapsed", "regular", "regular", "sparse", "new", "reversed"])
    reach = {"none": [], "lapsed": range(12, 40), "new": range(3), "reversed": range(5)}.get(
        kind, range(-1, 36)
    )
    size = chance.choice([40, 300, 900, 4_000])
    for ago in reach:
        if kind == "sparse" and chance.random() < 0.7:
            continue
        month = back(date(2026, 11, 1), ago)
        orders = 0 if kind == "reversed" or chance.random() < 0.1 else chance.randint(1, 9)
        revenue = Decimal(chance.randint(-size * 2_000, size * 10_000)).scaleb(-4)
        days = sorted(chance.randint(1, 28) for _ in range(2))
        first, last = (month.replace(day=day) if orders else None for day in days)
        yield PartnerMonth(
            partner=partner,
            month=month,
            orders=orders,
            units=orders,
            revenue=revenue,
            first_on=first,
            last_on=last,
        )


def some_estimates(chance, partner):
    for source in chance.sample(["Claims", "Rep", "Survey"], chance.choice([0, 0, 1, 1, 2, 3])):
        for _ in range(chance.randint(1, 2)):
            middle = Decimal(chance.randint(500, 90_000))
            yield ShareEstimate(
                partner=partner,
                low=middle * Decimal("0.7"),
                middle=middle,
                high=middle * Decimal("1.4"),
                source=source,
                as_of=date(2026, 12, 15) - timedelta(days=chance.randint(0, 900)),
            )


@pytest.fixture
def population(in_mercy):
    chance = random.Random(20261123)
    partners = []
    for number in range(160):
        tier = chance.choice(["", "", "high", "medium", "low"])
        since = date(2026, 11, 20) - timedelta(days=chance.randint(0, 500)) if tier else None
        partners.append(Partner(name=f"Partner {number}", kind="agent", tier=tier, tier_since=since))
    Partner.objects.bulk_create(partners)
    PartnerMonth.objects.bulk_create([m for partner in partners for m in some_months(chance, partner)])
    ShareEstimate.objects.bulk_create([e for partner in partners for e in some_estimates(chance, partner)])
    return partners


def figures(partner, as_of):
    """Sums and days of one partner, from its own rows."""
    this = as_of.replace(day=1)
    rows = {m.month: m for m in PartnerMonth.objects.filter(partner=partner, month__lte=this)}
    running = as_of != COMPLETE

    def orders(ago):
        row = rows.get(back(this, ago))
        return row.orders if row else 0

    def revenue(start, length=12):
        return sum(
            (rows[m].revenue for n in range(length) if (m := back(this, start + n)) in rows), Decimal(0)
        )

    days = [day for row in rows.values() for day in (row.first_on, row.last_on) if day]
    return SimpleNamespace(
        this=this,
        running=running,
        orders=orders,
        revenue_12m=revenue(0),
        total=sum((row.revenue for row in rows.values()), Decimal(0)),
        orders_12m=sum(orders(ago) for ago in range(12)),
        first=min(days, default=None),
        last=max(days, default=None),
        busy=max(sum(orders(s + n) > 0 for n in range(6)) for s in ((0, 1) if running else (0,))),
        basis=max(revenue(s) for s in ((0, 1) if running else (0,))),
    )


def expected_tier(partner, f, stands):
    band = "high" if f.basis >= HIGH else "medium" if f.basis >= MEDIUM else "low"
    tier = partner.tier
    if not tier:
        return band if stands in ("new", "repeat") else ""
    ranks = ["low", "medium", "high"]
    if band == tier:
        return tier
    if ranks.index(band) < ranks.index(tier):
        start = HIGH if tier == "high" else MEDIUM
        if f.basis >= Decimal(start) * 95 / 100:
            return tier
    month = back(partner.tier_since.replace(day=1), -6)
    return tier if month.replace(day=min(partner.tier_since.day, 28)) > f.as_of else band


def expected_trend(f):
    begin = 1 if f.running else 0
    since = back(f.this, begin + 2)
    span = min(9, plain.months_apart(f.first, since)) if f.first else 0
    if span < 3:
        return None, {"first_on": f.first.isoformat() if f.first else None}
    recent = sum(f.orders(begin + n) for n in range(3)) / 3
    before = sum(f.orders(begin + 3 + n) for n in range(9)) / span
    facts = {"recent": round(recent, 1), "before": round(before, 1), "since": since.isoformat()}
    return plain.trend(recent, before), facts


def expected_regularity(f):
    if f.first is None:
        return None, {}
    begin = 1 if f.running else 0
    months = max(0, min(6, plain.months_apart(f.first, back(f.this, begin)) + 1))
    count = sum(f.orders(begin + n) > 0 for n in range(6))
    if (f.running and f.orders(0) > 0) or not months:
        count += f.running and f.orders(0) > 0
        months += 1
    count = min(count, months)
    facts = {"months_with": count, "months": months, "last": f.last.isoformat()}
    return plain.regularity(count, months, max(0, (f.as_of - f.last).days)), facts


def expected_share(partner, f):
    latest = {}
    for e in ShareEstimate.objects.filter(partner=partner, as_of__lte=f.as_of).order_by(
        "as_of", "created_at", "id"
    ):
        latest[e.source] = plain.Estimate(float(e.low), float(e.middle), float(e.high), e.as_of)
    found = plain.share(list(latest.values()), float(f.revenue_12m), f.as_of)
    if found is None:
        return None, {}, None
    if found.doubtful:
        return None, {"doubtful": True}, found
    facts = {"share": found.share, "low": found.share_low, "high": found.share_high}
    return round(found.share, 4), {name: round(part, 4) for name, part in facts.items()}, found


def parts_of(partner, f):
    amount = float(f.revenue_12m)
    fraction, facts, share = expected_share(partner, f)
    told = {"revenue": amount, "high_from": "10000.0000", "medium_from": "2000.0000"}
    return {
        "revenue": (plain.revenue(amount, HIGH), told),
        "trend": expected_trend(f),
        "regularity": expected_regularity(f),
        "share": (fraction, facts),
    }, share


def rounded(number, places):
    return None if number is None else Decimal(f"{number:.{places}f}")


def shown(policy):
    """The policy as it is read back, amounts with four places."""
    policy.refresh_from_db()
    return policy


@pytest.mark.parametrize("as_of", [RUNNING, COMPLETE])
def test_every_partner_stands_as_plain_python_says(population, as_of):
    policy = shown(policy_in_force())
    rows = {
        row.partner_id: row
        for row in standing_compute.compute([p.pk for p in population], as_of, policy, reasons=True)
    }
    levels, tiers = set(), set()
    for partner in population:
        row, f = rows[partner.pk], figures(partner, as_of)
        f.as_of = as_of
        window = back(as_of.replace(day=1), 6).replace(day=as_of.day)
        stands = plain.level(f.first, f.last, f.busy, window, 3)
        parts, share = parts_of(partner, f)
        assert (row.level, row.orders_12m) == (stands, f.orders_12m), partner.name
        assert (row.revenue_12m, row.revenue_total) == (f.revenue_12m, f.total), partner.name
        assert (row.first_order_on, row.last_order_on) == (f.first, f.last), partner.name
        assert row.tier_proposal == expected_tier(partner, f, stands), partner.name
        found = {part["key"]: (part["fraction"], part["facts"]) for part in row.components}
        assert {key: found[key] for key in parts} == parts, partner.name
        assert {found[key] == (None, {}) for key in found.keys() - parts.keys()} == {True}
        assert row.score == rounded(plain.score([(WEIGHTS[k], parts[k][0]) for k in parts]), 1), partner.name
        for name, places in {
            "share": 4,
            "share_low": 4,
            "share_high": 4,
            "headroom_low": 0,
            "headroom_high": 0,
        }.items():
            assert getattr(row, name) == rounded(share and getattr(share, name), places), (partner.name, name)
        levels.add(stands)
        tiers.add((partner.tier, row.tier_proposal, row.proposal.get("rule")))
    assert levels == {"prospect", "new", "repeat", "lapsed"}
    assert {rule for _, _, rule in tiers} >= {None, "same", "raise", "lower", "stay"}
    assert len(tiers) > 8


def test_what_is_stored_is_what_was_computed(population):
    """The way through the database changes nothing: level, amounts, scores, and every reason."""
    ids = [partner.pk for partner in population]
    standing_service.recompute_standings(as_of=RUNNING)
    rows = standing_compute.compute(ids, RUNNING, shown(policy_in_force()), reasons=True)
    stored = Standing.objects.in_bulk(ids, field_name="partner_id")
    for row in rows:
        kept = stored[row.partner_id]
        names = set(row._fields) - {"tier", "partner_id"}
        assert {name: getattr(kept, name) for name in names} == {name: getattr(row, name) for name in names}
        assert [part["key"] for part in kept.components] == [part["key"] for part in row.components]


def test_snapshots_are_the_standings_of_the_month_before(population):
    ids = [partner.pk for partner in population]
    standing_service.recompute_standings(as_of=RUNNING)
    rows = standing_compute.compute(ids, date(2026, 10, 31), shown(policy_in_force()), reasons=True)
    kept = {
        snapshot.partner_id: snapshot for snapshot in StandingMonth.objects.filter(month=date(2026, 10, 1))
    }
    for row in rows:
        names = ("level", "score", "components", "share", "revenue_12m", "orders_12m")
        assert {n: getattr(kept[row.partner_id], n) for n in names} == {n: getattr(row, n) for n in names}
        assert Standing.objects.get(partner_id=row.partner_id).score_month_ago == row.score


def test_a_second_run_writes_nothing_whatever_the_chunks(population, monkeypatch):
    """Also first tiers, which the first run itself puts in force, and partners in other company."""
    standing_service.recompute_standings(as_of=RUNNING)
    before = list(Standing.objects.order_by("pk").values())
    assert standing_service.recompute_standings(as_of=RUNNING) == 0
    assert standing_service.recompute_standings([population[7].pk, population[90].pk], as_of=RUNNING) == 0
    monkeypatch.setattr(standing_service, "CHUNK", 37)
    assert standing_service.recompute_standings(as_of=RUNNING) == 0
    assert list(Standing.objects.order_by("pk").values()) == before


def test_every_figure_that_changes_is_seen(population):
    standing_service.recompute_standings(as_of=RUNNING)
    partner = population[3]
    month = PartnerMonth.objects.filter(partner=partner).first() or PartnerMonth(
        partner=partner, month=date(2026, 9, 1)
    )
    month.revenue += Decimal("0.0001")
    month.save()
    assert standing_service.recompute_standings(as_of=RUNNING) == 1
    assert standing_service.recompute_standings(as_of=RUNNING) == 0
