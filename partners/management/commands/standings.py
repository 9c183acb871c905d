"""`manage.py standings`: how every partner of a tenant stands."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from partners.alarms.service import watch_orders
from partners.directory.models import Partner, ReferralCode
from partners.policy.models import StandingPolicy
from partners.policy.queries import policy_in_force
from partners.standing.compute import Row, compute, weights_of
from partners.standing.models import PartnerMonth
from partners.standing.rules import band_of, whole
from partners.standing.service import chunks_of, recompute_standings
from partners.states import Tier
from prm.core.calendar import month_start, today
from prm.core.numbers import plain
from prm.tenancy.commands import TenantCommand
from prm.tenancy.models import Tenant
from prm.ui.formatting import money, number, percent


class Command(TenantCommand):
    """Prints level, tier, share, score and revenue per partner, computed from the orders.

    `--as-of` takes any day; its month counts whole, and the tiers are those in force on that day.
    `--recompute` stores what was computed as the present standings (and gives partners without a tier
    their first) and judges the orders of all for alarms; without it nothing is written. The JSON object: tenant, as_of, policy, summary,
    partners. Amounts are strings, exact, in the tenant's currency; share and score may be null.
    """

    help = "Print level, tier, share, score and revenue of every partner of a tenant."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="day of judgement, YYYY-MM-DD (default: today)")
        parser.add_argument("--recompute", action="store_true", help="store the result as well")

    def work(self, options: dict[str, Any]) -> None:
        """Compute chunk by chunk, then print."""
        as_of = _day(options["as_of"]) if options["as_of"] else today(self.tenant)
        if options["recompute"]:
            changed = recompute_standings(as_of=as_of)
            self.say(f"{number(changed)} standings changed.")
            watch_orders(as_of=as_of)
        with transaction.atomic():
            policy = policy_in_force()
            rows = [entry for chunk in chunks_of(None) for entry in _entries(chunk, as_of, policy)]
            summary = _summary(rows, policy, as_of)
        if self.as_json:
            self.emit(
                {
                    "tenant": self.tenant.slug,
                    "as_of": as_of,
                    "policy": _policy(policy),
                    "summary": summary,
                    "partners": [
                        _line(partner, codes, row, is_confirmed=policy.is_confirmed)
                        for partner, codes, row in rows
                    ],
                }
            )
            return
        for partner, _, row in sorted(rows, key=lambda entry: -entry[2].revenue_12m):
            self.stdout.write(_words(partner, row, self.tenant))
        if not policy.is_confirmed:
            self.stdout.write(
                "No tier yet: nobody has confirmed tier bands. See what is proposed: "
                f"manage.py policy --tenant {self.tenant.slug} --propose"
            )
        self.stdout.write(
            f"{number(summary['partners'])} {self.tenant.partner_noun_plural}, "
            f"{number(summary['partner_months'])} months with orders, revenue {summary['revenue_total']} "
            f"in all. By level: {_counts(summary['by_level'])}. By tier: {_counts(summary['by_tier'])}. "
            f"By total revenue: {_counts(summary['by_total_band'])}."
        )


# Orders are taken from 1990 on; the months around a judged day must exist as well.
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)

Entry = tuple[Partner, list[str], Row]


class Summary(TypedDict):
    """All partners in sum; amounts as texts."""

    partners: int
    partner_months: int
    revenue_total: str
    revenue_12m: str
    by_level: dict[str, int]
    by_tier: dict[str, int]
    by_tier_proposal: dict[str, int]
    by_total_band: dict[str, int]


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--as-of {text!r} is not a day. Write it as 2026-11-23.") from error
    if not EARLIEST <= day <= LATEST:
        raise CommandError(f"--as-of {text!r} is out of range: take a day from {EARLIEST} to {LATEST}.")
    return day


def _entries(chunk: Sequence[UUID], as_of: date, policy: StandingPolicy) -> Iterator[Entry]:
    partners = Partner.objects.in_bulk(chunk)
    codes: dict[UUID, list[str]] = {}
    for partner_id, code in ReferralCode.objects.filter(partner_id__in=chunk).values_list(
        "partner_id", "code"
    ):
        codes.setdefault(partner_id, []).append(code)
    for row in compute(chunk, as_of, policy):
        if row.partner_id in partners:
            # The reasons are not printed; without them 50,000 partners fit into little memory.
            yield partners[row.partner_id], codes.get(row.partner_id, []), row._replace(components=[])


def _policy(policy: StandingPolicy) -> dict[str, object]:
    return {
        "version": policy.version,
        "confirmed": policy.is_confirmed,
        "high_from": plain(policy.high_from),
        "medium_from": plain(policy.medium_from),
        "trailing_months": policy.trailing_months,
        "hysteresis_pct": str(policy.hysteresis_pct),
        "minimum_stay_months": policy.minimum_stay_months,
        "repeat": f"{policy.repeat_k} of {policy.repeat_n}",
        "lapse_months": policy.lapse_months,
        "weights": {component.key: weight for component, weight in weights_of(policy)},
    }


def _summary(rows: Sequence[Entry], policy: StandingPolicy, as_of: date) -> Summary:
    rules = policy.rules
    bands = Counter(band_of(row.revenue_total, rules) for _, _, row in rows)
    months = PartnerMonth.objects.filter(month__lte=month_start(as_of)).count()
    return {
        "partners": len(rows),
        "partner_months": months,
        "revenue_total": plain(sum((row.revenue_total for _, _, row in rows), Decimal(0))),
        "revenue_12m": plain(sum((row.revenue_12m for _, _, row in rows), Decimal(0))),
        "by_level": dict(Counter(row.level for _, _, row in rows)),
        "by_tier": dict(Counter(row.tier or "none" for _, _, row in rows)),
        "by_tier_proposal": dict(Counter(row.tier_proposal or "none" for _, _, row in rows)),
        "by_total_band": {tier.value: bands.get(tier, 0) for tier in Tier},
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _line(partner: Partner, codes: list[str], row: Row, *, is_confirmed: bool) -> dict[str, object]:
    return {
        "id": str(partner.pk),
        "name": partner.name,
        "kind": partner.kind,
        "codes": codes,
        "level": row.level,
        "tier": row.tier if is_confirmed else None,
        "tier_proposal": row.tier_proposal if is_confirmed else None,
        "score": _text(row.score),
        "share": _text(None if row.share_doubtful else row.share),
        "share_low": _text(None if row.share_doubtful else row.share_low),
        "share_high": _text(None if row.share_doubtful else row.share_high),
        "headroom_low": _text(None if row.share_doubtful else row.headroom_low),
        "headroom_high": _text(None if row.share_doubtful else row.headroom_high),
        "revenue_12m": plain(row.revenue_12m),
        "revenue_total": plain(row.revenue_total),
        "orders_12m": row.orders_12m,
        "first_order_on": row.first_order_on,
        "last_order_on": row.last_order_on,
    }


def _words(partner: Partner, row: Row, tenant: Tenant) -> str:
    score = "–" if row.score is None else str(whole(row.score))
    return (
        f"{partner.name[:40]:<40}  {row.level:<8}  {row.tier or '–':<6}  {score:>3}  "
        f"{percent(None if row.share_doubtful else row.share):>4}  {money(row.revenue_12m, tenant, 2):>16}"
    )


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{key} {number(count)}" for key, count in found.items()) or "none"
