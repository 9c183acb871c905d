"""How the credit of orders is shared by rule when they come to a partner, and whose months their parts are in."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from orders.book.models import ShareRule
from orders.ingest.merging import sql
from orders.ingest.statement import Values, analyze, create
from orders.ingest.temporary import GIVEN, PART, RULED, SHARED, TOUCHED
from orders.states import ShareCase
from partners.directory.queries import Affiliation, affiliations
from prm.core.ids import id_stem
from prm.core.money import currency_decimals
from prm.tenancy.context import current_tenant


class Known(NamedTuple):
    """Whether the tenant has any shared order, and any rule to share by."""

    shares: bool
    rules: bool


def known() -> Known:
    """Ask, in one query: most tenants share nothing, and their imports do nothing more than ask."""
    return sql.ANY_SHARED.row(Known, {"tenant": current_tenant().pk})


def share_given() -> None:
    """Share the orders in `prm_given` by the rules; those that a rule had shared before are shared anew.

    Must run under the tenant's order lock, before `recompute_months`.
    """
    values: Values = {"tenant": current_tenant().pk, "zone": current_tenant().timezone}
    there = known()
    if there.shares:
        sql.UNSHARE_GIVEN.run(values)
    if not there.rules:
        return
    analyze(GIVEN)
    partners = sql.GIVEN_TO.rows(_id, values)
    create(RULED)
    _write_ruled(fitting(partners))
    sql.SHARE_GIVEN.run({**values, "ids": id_stem()})


class Fitting(NamedTuple):
    """The rule for the orders of a partner: who gets a part."""

    partner_id: UUID
    rule: ShareRule
    to_id: UUID


def fitting(partner_ids: Collection[UUID]) -> list[Fitting]:
    """Return the rule that fits each of these partners, of several the narrowest; two queries."""
    rules = list(ShareRule.objects.all())
    if not rules:
        return []
    return [
        Fitting(one.partner_id, rule, to)
        for one in affiliations(partner_ids)
        for rule, to in [_narrowest(one, rules)]
        if rule is not None and to is not None
    ]


def _narrowest(one: Affiliation, rules: Sequence[ShareRule]) -> tuple[ShareRule | None, UUID | None]:
    region = one.region.strip().casefold()
    fits = [
        [rule for rule in rules if rule.case == ShareCase.PARTNER and rule.subject_id == one.partner_id],
        [
            rule
            for rule in rules
            if rule.case == ShareCase.ORGANISATION
            and one.organisation_id
            and rule.subject_id == one.organisation_id
        ],
        [
            rule
            for rule in rules
            if rule.case == ShareCase.ORGANISATION and one.organisation_id and rule.subject_id is None
        ],
        [
            rule
            for rule in rules
            if rule.case == ShareCase.REGION and region and rule.region.strip().casefold() == region
        ],
    ]
    for rule in (rule for group in fits for rule in group):
        to = rule.to_id or one.organisation_id
        if to != one.partner_id:
            return rule, to
    return None, None


def _write_ruled(found: Sequence[Fitting]) -> None:
    columns = zip(
        *((f.partner_id, f.rule.pk, f.to_id, f.rule.percent, f.rule.since) for f in found), strict=True
    )
    with connection.cursor() as cursor:
        if found:
            cursor.execute(
                "INSERT INTO pg_temp.prm_ruled (partner_id, rule_id, to_id, percent, since)"
                " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::numeric[], %s::date[])",
                [list(column) for column in columns],
            )
    analyze(RULED)


def find_parts(values: Values) -> None:
    """Find what is shared of the orders in touched partner-months; touch the months of all who have a part.

    Write `prm_part`.
    """
    create(SHARED, PART)
    sql.FIND_SHARED.run(values)
    if not sql.TOUCH_SHARED.run(values):
        analyze(SHARED)
    # Who was touched now may have parts in other orders of that month.
    create(SHARED)
    sql.FIND_SHARED.run(values)
    analyze(SHARED)
    analyze(TOUCHED)
    sql.MOVE_SHARES.run(values)
    sql.SUM_PARTS.run({**values, "places": currency_decimals(current_tenant().currency)})
    analyze(PART)


def _id(value: UUID) -> UUID:
    return value
