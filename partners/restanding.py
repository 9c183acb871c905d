"""Computes standings, for one partner or for all, and writes only what has changed.

Work goes in chunks of partners. A chunk takes its locks, reads with a fixed number of queries,
computes, and writes with one statement per table, so that the cost of one partner does not depend on
how many there are. Two recomputations of the same partner run one after the other, and the later
one reads after the earlier has committed: the last word is always about the newest figures.
"""

import hashlib
import json
import math
import struct
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from partners import scoring
from partners.figures import (
    Longs,
    Months,
    TierThen,
    columns_needed,
    is_running,
    read_estimates,
    read_fingerprints,
    read_months,
    read_snapshots,
    read_tiers,
)
from partners.models import Partner, StandingPolicy
from partners.scoring import Component, Facts, Measure, ScoringContext
from partners.standing import Proposal, Rules, Share, add_up, level, market_share, propose_tier
from prm.tenancy.calendar import month_start
from prm.tenancy.clock import now
from prm.tenancy.context import current_tenant
from prm.tenancy.ids import uuid7

CHUNK = 5_000
# Up to so many partners each take a lock of their own; more take the tenant's.
FEW = 50
_LOCK_SALT = 0x5054414E44494E47
_NOTHING = Measure(None, {})


class Row(NamedTuple):
    """The standing of one partner as computed; money and score are exact."""

    partner_id: UUID
    level: str
    tier: str
    tier_proposal: str
    proposal: Facts
    score: Decimal | None
    components: list[Facts]
    share: Decimal | None
    share_low: Decimal | None
    share_high: Decimal | None
    share_doubtful: bool
    headroom_low: Decimal | None
    headroom_high: Decimal | None
    total_estimate: Decimal | None
    revenue_12m: Decimal
    revenue_total: Decimal
    orders_12m: int
    first_order_on: date | None
    last_order_on: date | None


# --- computing ----------------------------------------------------------------------------------


def compute(
    partner_ids: Sequence[UUID],
    as_of: date,
    policy: StandingPolicy,
    *,
    months: Months | None = None,
    tiers: dict[UUID, TierThen] | None = None,
) -> list[Row]:
    """Compute the standings of some partners on a day, without writing anything.

    `months` and `tiers` are those of just these partners, when the caller has read them already.
    """
    rules = policy.rules
    months = months or read_months(partner_ids, as_of, columns_needed(rules))
    tiers = tiers if tiers is not None else read_tiers(partner_ids, as_of)
    year = months.window(12)
    shares = _shares(partner_ids, year, as_of)
    context = ScoringContext(
        tenant=current_tenant(),
        partner_ids=partner_ids,
        as_of=as_of,
        rules=rules,
        months=months.months,
        orders=months.orders,
        revenue=months.revenue,
        revenue_12m=year,
        first_order_on=months.first_on,
        last_order_on=months.last_on,
        shares=shares,
    )
    scores = _scores(context, policy)
    basis, window_back = _tier_basis(months, rules, running=is_running(as_of))
    busy = _months_with_orders(months, rules, running=is_running(as_of)).tolist()
    orders = months.orders[:, -12:].sum(axis=1).tolist()
    rows: list[Row] = []
    for at, partner_id in enumerate(partner_ids):
        then = tiers.get(partner_id, TierThen("", None))
        stands = level(months.first_on[at], months.last_on[at], busy[at], as_of, rules)
        proposal, facts = _propose(
            stands, then, _money(basis[at]), as_of, rules, months.months[-1 - window_back[at]]
        )
        score, parts = scores[at]
        rows.append(
            Row(
                partner_id=partner_id,
                level=stands,
                tier=then.tier,
                tier_proposal=proposal.tier if proposal else "",
                proposal=facts,
                score=score,
                components=parts,
                **_share_columns(shares.get(partner_id)),
                revenue_12m=_money(year[at]),
                revenue_total=_money(months.total[at]),
                orders_12m=orders[at],
                first_order_on=months.first_on[at],
                last_order_on=months.last_on[at],
            )
        )
    return rows


def _money(ten_thousandths: Any) -> Decimal:
    return Decimal(int(ten_thousandths)).scaleb(-4)


def _shares(partner_ids: Sequence[UUID], year: Longs, as_of: date) -> dict[UUID, Share]:
    found: dict[UUID, Share] = {}
    place = {partner_id: at for at, partner_id in enumerate(partner_ids)}
    for partner_id, estimates in read_estimates(partner_ids, as_of).items():
        share = market_share(estimates, int(year[place[partner_id]]) / 10_000, as_of)
        if share is not None:
            found[partner_id] = share
    return found


def _tier_basis(months: Months, rules: Rules, *, running: bool) -> tuple[list[int], list[int]]:
    """Find the revenue a tier is judged by, and how many months ago its window ended (0 or 1)."""
    now = months.window(rules.trailing_months)
    if not running:
        return now.tolist(), [0] * len(now)
    closed = months.window(rules.trailing_months, back=1)
    return np.maximum(now, closed).tolist(), (closed > now).astype(np.int64).tolist()


def _months_with_orders(months: Months, rules: Rules, *, running: bool) -> Longs:
    active = months.orders > 0
    count = active[:, -rules.repeat_n :].sum(axis=1)
    if running:
        count = np.maximum(count, active[:, -rules.repeat_n - 1 : -1].sum(axis=1))
    return np.asarray(count, dtype=np.int64)


def _propose(
    stands: str, then: TierThen, revenue: Decimal, as_of: date, rules: Rules, last_month: date
) -> tuple[Proposal | None, Facts]:
    """Propose a tier; who has no tier gets a first one only while orders come in."""
    if not then.tier and stands not in ("new", "repeat"):
        return None, {}
    proposal = propose_tier(then.tier, then.since, revenue, as_of, rules)
    return proposal, {
        # A first tier is put in force by the same step, so what is stored is how it stands after.
        "rule": "same" if proposal.rule == "first" else proposal.rule,
        "band": proposal.band,
        "threshold": None if proposal.threshold is None else str(proposal.threshold),
        "revenue": str(revenue),
        "months": rules.trailing_months,
        "to": last_month.isoformat(),
    }


def _ratio(value: float) -> Decimal:
    return Decimal(f"{value:.4f}")


def _whole_money(value: float) -> Decimal:
    return Decimal(f"{value:.0f}")


_NO_SHARE: dict[str, Any] = {
    "share": None, "share_low": None, "share_high": None, "share_doubtful": False,
    "headroom_low": None, "headroom_high": None, "total_estimate": None,
}  # fmt: skip


def _share_columns(share: Share | None) -> dict[str, Any]:
    if share is None:
        return _NO_SHARE
    return {
        "share": _ratio(share.share),
        "share_low": _ratio(share.share_low),
        "share_high": _ratio(share.share_high),
        "share_doubtful": share.doubtful,
        "headroom_low": _whole_money(share.headroom_low),
        "headroom_high": _whole_money(share.headroom_high),
        "total_estimate": _whole_money(share.total),
    }


def weights_of(policy: StandingPolicy) -> list[tuple[Component, float]]:
    """List the components that count, with the policy's weight or else the default one."""
    weighed = [
        (component, float(policy.weights.get(component.key, component.default_weight)))
        for component in scoring.components()
    ]
    return [(component, weight) for component, weight in weighed if weight > 0]


def _scores(context: ScoringContext, policy: StandingPolicy) -> list[tuple[Decimal | None, list[Facts]]]:
    """Measure every component for every partner of the context and add up."""
    weighed = weights_of(policy)
    measured = [component.measure(context) for component, _ in weighed]
    columns = [[found.get(pk, _NOTHING) for pk in context.partner_ids] for found in measured]
    fractions = np.array(
        [[np.nan if m.fraction is None else m.fraction for m in column] for column in columns],
        dtype=np.float64,
    ).T.reshape(len(context.partner_ids), len(weighed))
    summed = add_up(fractions, np.array([weight for _, weight in weighed], dtype=np.float64))
    points, shared = summed.points.tolist(), np.round(summed.weights, 1).tolist()
    keys = [component.key for component, _ in weighed]
    scored: list[tuple[Decimal | None, list[Facts]]] = []
    for at, score in enumerate(summed.score.tolist()):
        parts = [
            {
                "key": key,
                "weight": None if column[at].fraction is None else shared[at][place],
                "points": None if column[at].fraction is None else points[at][place],
                "fraction": column[at].fraction,
                "facts": column[at].facts,
            }
            for place, (key, column) in enumerate(zip(keys, columns, strict=True))
        ]
        scored.append((None if math.isnan(score) else Decimal(f"{score:.1f}"), parts))
    return scored


# --- writing ------------------------------------------------------------------------------------

_STANDING_TYPES = {
    "partner_id": "uuid", "level": "text", "tier_proposal": "text", "proposal": "jsonb",
    "score": "numeric", "components": "jsonb", "share": "numeric", "share_low": "numeric",
    "share_high": "numeric", "share_doubtful": "bool", "headroom_low": "numeric",
    "headroom_high": "numeric", "total_estimate": "numeric", "revenue_12m": "numeric",
    "revenue_total": "numeric", "orders_12m": "int", "first_order_on": "date",
    "last_order_on": "date", "score_month_ago": "numeric", "fingerprint": "text",
}  # fmt: skip
_SNAPSHOT_TYPES = {
    "partner_id": "uuid", "level": "text", "tier": "text", "score": "numeric",
    "components": "jsonb", "share": "numeric", "revenue_12m": "numeric", "orders_12m": "int",
}  # fmt: skip


def _upsert_sql(table: str, types: dict[str, str], same: dict[str, str], key: str) -> str:
    """Build an upsert of rows given as one JSON array; `same` are columns equal in all rows, by type.

    A row whose columns of `types` all are what they were is left alone, so that an unchanged
    standing writes nothing and wakes neither the outbox nor the vacuum.
    """
    own = [name for name in types if name != "partner_id"]
    fixed = {"tenant_id": "uuid", "policy_version": "int", **same}
    compared = [*own, "policy_version"]
    return f"""
INSERT INTO {table} AS kept (id, computed_at, {", ".join(types)}, {", ".join(fixed)})
SELECT w.id, %(now)s, {", ".join(f"w.{name}" for name in types)},
       {", ".join(f"%({name})s::{kind}" for name, kind in fixed.items())}
  FROM jsonb_to_recordset(%(rows)s::jsonb)
       AS w (id uuid, {", ".join(f"{name} {kind}" for name, kind in types.items())})
    ON CONFLICT ({key}) DO UPDATE SET
       {", ".join(f"{name} = excluded.{name}" for name in [*own, *fixed, "computed_at"])}
 WHERE ({", ".join(f"kept.{name}" for name in compared)})
       IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in compared)})
"""


_WRITE_STANDINGS = _upsert_sql("partners_standing", _STANDING_TYPES, {"as_of": "date"}, "partner_id")
_WRITE_SNAPSHOTS = _upsert_sql(
    "partners_standingmonth", _SNAPSHOT_TYPES, {"month": "date"}, "tenant_id, partner_id, month"
)


def _packed(row: dict[str, Any]) -> str:
    """Write a row as JSON; amounts and scores travel as text, so that they stay exact."""
    return json.dumps(row, default=str, separators=(",", ":"))


def _write(sql: str, rows: Sequence[str], **fixed: Any) -> int:
    """Run one upsert of packed rows; returns how many were written."""
    if not rows:
        return 0
    with_ids = ",".join(f'{row[:-1]},"id":"{uuid7()}"}}' for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {"rows": f"[{with_ids}]", "tenant_id": current_tenant().pk, "now": now(), **fixed}
        )
        return int(cursor.rowcount)


def _changed(rows: Sequence[Row], month_ago: dict[UUID, Any], policy: StandingPolicy) -> list[str]:
    """Pack the rows that differ from what is stored, each with its new fingerprint."""
    stored = read_fingerprints([row.partner_id for row in rows])
    found: list[str] = []
    for row in rows:
        values = {**row._asdict(), "score_month_ago": month_ago[row.partner_id]}
        del values["tier"]  # in force elsewhere, and set by this very run when it is the first
        packed = _packed(values)
        seen = f"{policy.version}:{packed}"
        mark = hashlib.md5(seen.encode(), usedforsecurity=False).hexdigest()
        if stored.get(row.partner_id) != mark:
            found.append(f'{packed[:-1]},"fingerprint":"{mark}"}}')
    return found


_FIRST_TIERS = """
WITH first AS (
  UPDATE partners_partner p SET tier = w.tier, tier_since = %(day)s, updated_at = %(now)s
    FROM unnest(%(partner_id)s::uuid[], %(tier)s::text[]) AS w (id, tier)
   WHERE p.tenant_id = %(tenant)s AND p.id = w.id AND p.tier = ''
  RETURNING p.id, p.tier)
INSERT INTO partners_tierreview (id, tenant_id, partner_id, from_tier, proposed_tier, decided_tier,
       decision, reason, effective_on, tier_since, signed_at, policy_version, evidence)
SELECT w.review, %(tenant)s, first.id, '', first.tier, first.tier, 'initial', '', %(day)s, %(day)s,
       %(now)s, %(version)s, w.evidence::jsonb
  FROM first JOIN unnest(%(review)s::uuid[], %(partner_id)s::uuid[], %(evidence)s::text[])
       AS w (review, id, evidence) ON w.id = first.id
"""


def _set_first_tiers(rows: Sequence[Row], as_of: date, policy: StandingPolicy) -> None:
    """Put the first tier in force where there is none, as a review that nobody signed."""
    first = [row for row in rows if not row.tier and row.tier_proposal]
    if not first:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST_TIERS,
            {
                "partner_id": [row.partner_id for row in first],
                "tier": [row.tier_proposal for row in first],
                "review": [uuid7() for _ in first],
                "evidence": [json.dumps(row.proposal) for row in first],
                "day": as_of,
                "now": now(),
                "tenant": current_tenant().pk,
                "version": policy.version,
            },
        )


def _number(id_: UUID) -> int:
    """Give the random half of an id as the signed number of an advisory lock."""
    return int(struct.unpack(">q", id_.bytes[8:])[0] ^ _LOCK_SALT)


def lock_standings(partner_ids: Collection[UUID]) -> None:
    """Wait until nobody else computes or decides these partners; held until the transaction ends."""
    tenant = _number(current_tenant().pk)
    with connection.cursor() as cursor:
        if len(partner_ids) > FEW:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [tenant])
            return
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [tenant])
        for number in sorted(_number(partner_id) for partner_id in partner_ids):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def recompute_chunk(partner_ids: Sequence[UUID], as_of: date, policy: StandingPolicy) -> int:
    """Recompute and store the standings of some partners; returns how many rows changed."""
    lock_standings(partner_ids)
    tiers = read_tiers(partner_ids, as_of)
    present = list(tiers)
    if not present:
        return 0
    months = read_months(present, as_of, columns_needed(policy.rules))
    rows = compute(present, as_of, policy, months=months, tiers=tiers)
    month_ago = _month_ago(present, as_of, policy, months)
    changed = _write(
        _WRITE_STANDINGS,
        _changed(rows, month_ago, policy),
        as_of=as_of,
        policy_version=policy.version,
    )
    _set_first_tiers(rows, as_of, policy)
    return changed


def _month_ago(
    partner_ids: Sequence[UUID], as_of: date, policy: StandingPolicy, months: Months
) -> dict[UUID, Any]:
    """Find the scores at the end of the month before, and bring missing or outdated snapshots up.

    A snapshot is outdated when the orders of its own twelve months are no longer those it was made
    from (a late file, a correction); later visits do not change what was known then.
    """
    end = month_start(as_of) - timedelta(days=1)
    month = month_start(end)
    snapshots = read_snapshots(partner_ids, month)
    revenue = months.window(12, back=1).tolist()
    orders = months.orders[:, -13:-1].sum(axis=1).tolist()
    stale = [
        pk
        for at, pk in enumerate(partner_ids)
        if (known := snapshots.get(pk)) is None
        or known.revenue_12m != _money(revenue[at])
        or known.orders_12m != orders[at]
    ]
    scores = {pk: snapshot.score for pk, snapshot in snapshots.items()}
    if stale:
        rows = compute(stale, end, policy)
        _write(
            _WRITE_SNAPSHOTS,
            [_packed(row._asdict()) for row in rows],
            month=month,
            policy_version=policy.version,
        )
        scores |= {row.partner_id: row.score for row in rows}
    return scores


def chunks_of(partner_ids: Collection[UUID] | None, size: int = CHUNK) -> Iterator[list[UUID]]:
    """Cut partners into chunks by id; None means all of the tenant, read chunk by chunk."""
    if partner_ids is not None:
        ordered = sorted(set(partner_ids))
        yield from (ordered[at : at + size] for at in range(0, len(ordered), size))
        return
    last: UUID | None = None
    while True:
        with transaction.atomic():
            everybody = Partner.objects.order_by("pk").values_list("pk", flat=True)
            chunk = list((everybody.filter(pk__gt=last) if last else everybody)[:size])
        if not chunk:
            return
        yield chunk
        last = chunk[-1]
