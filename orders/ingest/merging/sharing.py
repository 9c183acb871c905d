"""How the credit of orders is shared by rule when they come to a partner, and whose months their parts are in."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from orders.book.models import ShareRule
from orders.ingest.merging import parts_sql, sql
from orders.ingest.statement import Values, analyze, create
from orders.ingest.temporary import CREDIT, GIVEN, PART, PART_CODE, RULED, SHARED, TOUCHED
from orders.sources.models import OrderSource
from orders.states import ShareCase
from partners.directory.queries import Affiliation, affiliations
from partners.directory.sql import match_codes
from prm.core.ids import id_stem
from prm.core.money import currency_decimals
from prm.tenancy.context import current_tenant


class Known(NamedTuple):
    """Whether the tenant has any shared order, any rule to share by, and any order whose file says how it is shared."""

    shares: bool
    rules: bool
    credits: bool


def known() -> Known:
    """Ask, in one query: most tenants share nothing, and their imports do nothing more than ask."""
    return sql.ANY_SHARED.row(Known, {"tenant": current_tenant().pk})


def share_given() -> None:
    """Share the orders in `prm_given` as their files say, else by the rules; what a rule or a file had shared is shared anew.

    What a person shared stays. Must run under the tenant's order lock, before `recompute_months`.
    """
    values: Values = {"tenant": current_tenant().pk, "zone": current_tenant().timezone}
    there = known()
    if there.shares:
        parts_sql.UNSHARE_GIVEN.run(values)
        parts_sql.TOUCH_GIVEN_PARTS.run(values)
    if there.credits:
        _share_by_file(values)
    if not there.rules:
        return
    analyze(GIVEN)
    partners = parts_sql.GIVEN_TO.rows(_id, values)
    create(RULED)
    _write_ruled(fitting(partners))
    sql.SHARE_GIVEN.run({**values, "ids": id_stem()})


def _share_by_file(values: Values) -> None:
    """Share given orders whose files say how; those with a code that is nobody's wait under it as a whole."""
    create(CREDIT)
    if not parts_sql.TAKE_PARTS.run(values):
        return
    schemes = parts_sql.SCHEMES_OF_PARTS.rows(_text)
    systems = tuple(sorted(OrderSource.objects.order_by().values_list("scheme_key", flat=True).distinct()))
    for scheme in schemes:
        create(PART_CODE)
        parts_sql.LIST_PART_CODES.run({"scheme": scheme})
        match_codes(PART_CODE.name, scheme=scheme, systems=systems)
        parts_sql.NAME_PARTS.run({"scheme": scheme})
    analyze(CREDIT)
    parts_sql.WAIT_FOR_UNKNOWN.run(values)
    parts_sql.GIVE_TO_FIRST.run(values)
    parts_sql.SHARE_BY_FILE.run({**values, "ids": id_stem()})


class Fitting(NamedTuple):
    """The rule for the orders of a partner: who gets a part."""

    partner_id: UUID
    rule: ShareRule
    to_id: UUID


def fitting(partner_ids: Collection[UUID]) -> list[Fitting]:
    """Return the rule that fits each of these partners, of several the narrowest; two queries."""
    # A rule to a partner that was merged since is one between two who are the same by now.
    rules = list(ShareRule.objects.filter(to__merged_into=None))
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


def _text(value: str) -> str:
    return value


def _id(value: UUID) -> UUID:
    return value
