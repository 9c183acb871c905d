"""Writes computed standings and month-end snapshots, and puts first tiers in force.

Each table takes one statement for a whole chunk. The rows travel as one text, a line per row and a tab
between values, because the database cuts that up faster than it reads arrays or JSON of rows; the
values themselves are numbers, days, words of ours and JSON, which contain neither.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from django.db import connection

from partners.policy.models import StandingPolicy
from partners.standing.arrays import (
    Days,
    Floats,
    Longs,
    fingerprint_texts,
    fingerprints,
    iso_days,
    marks_of,
    money_texts,
)
from partners.standing.compute import Standings
from partners.standing.inputs import LEVELS, Stored, read_stored
from partners.standing.triggers import own_changes
from prm.core.clock import now
from prm.core.ids import uuid7
from prm.core.types import SqlValue
from prm.tenancy.context import current_tenant

_NULL = "\\N"
_SHARE = {
    "share": "numeric", "share_low": "numeric", "share_high": "numeric", "share_doubtful": "bool",
    "headroom_low": "numeric", "headroom_high": "numeric", "total_estimate": "numeric",
}  # fmt: skip
_STANDING_TYPES = {
    "partner_id": "uuid", "level": "text", "tier_proposal": "text", "proposal": "jsonb",
    "score": "numeric", "components": "jsonb", **_SHARE, "revenue_12m": "numeric",
    "revenue_total": "numeric", "orders_12m": "int", "first_order_on": "date", "last_order_on": "date",
    "score_month_ago": "numeric", "fingerprint": "text",
}  # fmt: skip
_SNAPSHOT_TYPES = {
    "partner_id": "uuid", "level": "text", "tier": "text", "score": "numeric",
    "components": "jsonb", "share": "numeric", "revenue_12m": "numeric", "orders_12m": "int",
    "months_mark": "int8",
}  # fmt: skip


def _cut(types: Sequence[str]) -> str:
    """List the values of a line, each as its type."""
    return ", ".join(f"f[{at}]::{kind}" for at, kind in enumerate(types, 1))


_LINES = r"""string_to_table(%(rows)s, E'\n') AS line, LATERAL string_to_array(line, E'\t', '\N') AS f"""


def _upsert_sql(table: str, types: dict[str, str], same: dict[str, str], key: str) -> str:
    """Build an upsert of rows given as lines; `same` are columns equal in all rows, by type.

    A row whose columns of `types` all are what they were is left alone, so that an unchanged
    standing writes nothing and wakes neither the outbox nor the vacuum.
    """
    own = [name for name in types if name != "partner_id"]
    fixed = {"tenant_id": "uuid", "policy_version": "int", "computed_at": "timestamptz", **same}
    compared = [*own, "policy_version"]
    return f"""
INSERT INTO {table} AS kept ({", ".join(["id", *types, *fixed])})
SELECT {_cut(["uuid", *types.values()])}, {", ".join(f"%({name})s::{kind}" for name, kind in fixed.items())}
  FROM {_LINES}
    ON CONFLICT ({key}) DO UPDATE SET
       {", ".join(f"{name} = excluded.{name}" for name in [*own, *fixed])}
 WHERE ({", ".join(f"kept.{name}" for name in compared)})
       IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in compared)})
"""  # nosec B608 # names are our own, values are parameters


_WRITE_STANDINGS = _upsert_sql(
    "partners_standing", _STANDING_TYPES, {"as_of": "date"}, "tenant_id, partner_id"
)
_WRITE_SNAPSHOTS = _upsert_sql(
    "partners_standingmonth", _SNAPSHOT_TYPES, {"month": "date"}, "tenant_id, partner_id, month"
)


def _write(sql: str, lines: Sequence[str], policy: StandingPolicy, **fixed: SqlValue) -> int:
    """Run one statement with lines, each getting an id in front; returns how many rows it wrote."""
    if not lines:
        return 0
    values: dict[str, SqlValue] = {
        "rows": "\n".join([f"{uuid7()}\t{line}" for line in lines]),
        "tenant_id": current_tenant().pk,
        "computed_at": now(),
        "policy_version": policy.version,
        **fixed,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


# --- standings and snapshots --------------------------------------------------------------------


def write_standings(standings: Standings, month_ago: Floats, as_of: date, policy: StandingPolicy) -> int:
    """Store the standings that differ from what is stored; returns how many."""
    stored = read_stored(standings.wanted)
    keys = ",".join(part.key for part in standings.parts)
    marks = fingerprints(
        f"{policy.version}:{keys}", len(standings.wanted), [*standings.marks(), marks_of(month_ago)]
    )
    changed = np.flatnonzero(~stored.known | (marks[0] != stored.one) | (marks[1] != stored.other))
    texts = fingerprint_texts(*(mark[changed] for mark in marks))
    columns = *_standing_columns(standings, month_ago, changed), texts
    lines = list(map("\t".join, zip(*columns, strict=True)))
    _note_levels(standings, stored, changed, as_of)
    return _write(_WRITE_STANDINGS, lines, policy, as_of=as_of)


_WRITE_LEVELS = f"""
INSERT INTO partners_levelchange (id, tenant_id, partner_id, was, level, "on")
SELECT {_cut(["uuid"])}, %(tenant_id)s, {", ".join(f"f[{at}]{kind}" for at, kind in ((2, "::uuid"), (3, ""), (4, "")))}, %(day)s
  FROM {_LINES}
"""  # nosec B608 # names are our own, values are parameters


def _note_levels(standings: Standings, stored: Stored, changed: Longs, as_of: date) -> None:
    """Note who has come to another level; a judgement of a day before the stored one is none."""
    day = np.datetime64(as_of, "D").astype(np.int64)
    some = changed[stored.known[changed] & (stored.level[changed] >= 0) & (stored.as_of[changed] <= day)]
    levels = standings.level.texts(some)
    lines = [
        f"{uuid7()}\t{standings.wanted.texts[at]}\t{LEVELS[was]}\t{level}"
        for at, was, level in zip(some.tolist(), stored.level[some].tolist(), levels, strict=True)
        if LEVELS[was] != level
    ]
    if lines:
        values: dict[str, SqlValue] = {
            "rows": "\n".join(lines),
            "tenant_id": current_tenant().pk,
            "day": as_of,
        }
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_LEVELS, values)


def write_snapshots(standings: Standings, months_marks: Longs, month: date, policy: StandingPolicy) -> None:
    """Store standings as those of the end of a month, with the checksums of the months they were made from."""
    everybody = np.arange(len(standings.wanted))
    columns = (
        standings.wanted.texts,
        standings.level.texts(everybody),
        standings.tier,
        _number_texts(standings.score, 1),
        standings.components(everybody),
        _number_texts(standings.shares.share, 4),
        money_texts(standings.revenue_12m),
        map(str, standings.orders_12m.tolist()),
        map(str, months_marks.tolist()),
    )
    _write(_WRITE_SNAPSHOTS, list(map("\t".join, zip(*columns, strict=True))), policy, month=month)


def _standing_columns(standings: Standings, month_ago: Floats, places: Longs) -> list[Iterable[str]]:
    # The tier is in force elsewhere, and set by this very run when it is the first.
    shares = standings.shares
    return [
        [standings.wanted.texts[at] for at in places.tolist()],
        standings.level.texts(places),
        standings.tier_proposal.texts(places),
        standings.proposals(places),
        _number_texts(standings.score[places], 1),
        standings.components(places),
        *(_number_texts(column[places], 4) for column in shares[:3]),
        map(str, shares.doubtful[places].tolist()),
        _number_texts(shares.headroom_low[places], 0),
        _number_texts(shares.headroom_high[places], 0),
        _number_texts(shares.total[places], 0),
        money_texts(standings.revenue_12m[places]),
        money_texts(standings.revenue_total[places]),
        map(str, standings.orders_12m[places].tolist()),
        _day_texts(standings.first_on[places]),
        _day_texts(standings.last_on[places]),
        _number_texts(month_ago[places], 1),
    ]


def _number_texts(numbers: Floats, places: int) -> list[str]:
    return [_NULL if math.isnan(number) else f"{number:.{places}f}" for number in numbers.tolist()]


def _day_texts(days: Days) -> list[str]:
    return [_NULL if text == "NaT" else text for text in iso_days(days)]


# --- first tiers --------------------------------------------------------------------------------

_FIRST_TIERS = f"""
WITH found AS (SELECT {_cut(["uuid", "uuid", "text", "jsonb"])} FROM {_LINES}),
first AS (
  UPDATE partners_partner p
     SET tier = w.tier, tier_since = %(day)s, updated_at = %(computed_at)s
    FROM found AS w (review, id, tier, evidence)
   WHERE p.tenant_id = %(tenant_id)s AND p.id = w.id AND p.tier = ''
  RETURNING w.review, p.id, p.tier, w.evidence)
INSERT INTO partners_tierreview (id, tenant_id, partner_id, from_tier, proposed_tier, decided_tier,
       decision, reason, effective_on, tier_since, signed_at, policy_version, evidence)
SELECT review, %(tenant_id)s, id, '', tier, tier, 'initial', '', %(day)s, %(day)s,
       %(computed_at)s, %(policy_version)s, evidence
  FROM first
"""  # nosec B608 # names are our own, values are parameters


def set_first_tiers(standings: Standings, as_of: date, policy: StandingPolicy) -> None:
    """Put the first tier in force where there is none, as a review that nobody signed."""
    proposed = standings.tier_proposal.texts(np.arange(len(standings.wanted)))
    some = np.array(
        [at for at in range(len(proposed)) if proposed[at] and not standings.tier[at]], dtype=np.int64
    )
    if not len(some):
        return
    lines = [
        f"{standings.wanted.texts[at]}\t{proposed[at]}\t{proposal}"
        for at, proposal in zip(some.tolist(), standings.proposals(some), strict=True)
    ]
    with own_changes():
        _write(_FIRST_TIERS, lines, policy, day=as_of)
