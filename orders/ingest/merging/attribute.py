"""The second step of a merge: whose orders they are."""

from typing import Final, NamedTuple

from orders.ingest import credits_sql, sql
from orders.ingest.merging.batch import Batch
from orders.ingest.reading.identifiers import looks_like
from orders.ingest.statement import analyze, create
from orders.ingest.temporary import CHANGE, CODE
from orders.states import SUM_LIMIT
from partners.directory.models import ReferralCode
from partners.directory.service import create_partners_from_codes
from partners.directory.sql import match_codes
from prm.accounts.rights import Right
from prm.tenancy.context import granted


class Attributed(NamedTuple):
    """How many orders to be written are cancelled or reversals, and how many have no partner."""

    cancelled: int = 0
    unattributed_orders: int = 0
    unattributed_lines: int = 0
    unattributed_codes: int = 0


NOTHING: Final = Attributed()


def find_codes(batch: Batch) -> None:
    """Look up the codes of the orders that change; write `prm_code`."""
    create(CODE)
    sql.FIND_CODES.run()
    if batch.spec.shares_credit:
        credits_sql.FIND_CODES_OF_PARTS.run()
    analyze(CODE)
    match_codes(CODE.name, scheme=batch.scheme, systems=batch.systems)


def create_partners(batch: Batch) -> list[str]:
    """Make a partner of every code that is nobody's, if the source says so; return those codes.

    The partner is named as the file names it, else by the code. Codes that people set aside make none.
    """
    if not batch.spec.create_partners:
        return []
    unknown = _plainly_new(sql.UNKNOWN_CODES.texts(batch.values))
    if unknown:
        with granted(Right.PARTNER_EDIT):  # the source's rule makes them, whoever sends the orders
            create_partners_from_codes(unknown, kind=batch.spec.partner_kind, scheme=batch.spec.code_scheme)
        match_codes(CODE.name, scheme=batch.scheme, systems=batch.systems)
    return list(unknown)


def _plainly_new(unknown: dict[str, str]) -> dict[str, str]:
    """Return the codes that nobody could take for another one's; orders of the others wait until somebody says whose they are."""
    alike = {code: latin for code in unknown if not code.isascii() and (latin := looks_like(code))}
    if not alike:
        return unknown
    known = ReferralCode.objects.filter(normal__in=alike.values()).values_list("normal", flat=True)
    taken = {*known, *unknown}
    return {code: name for code, name in unknown.items() if alike.get(code) not in taken}


def attribute(batch: Batch) -> Attributed:
    """Complete every order to be written with its partner, its state and what it counts as; write `prm_change`."""
    create(CHANGE)
    if batch.spec.shares_credit:
        credits_sql.WAIT_FOR_PARTS.run()
    sql.ATTRIBUTE.run(batch.values)
    if sql.COUNT_FOREIGN.row(int, batch.values):
        oldest = sql.OLDEST_DAYS.row(_days, batch.values)
        sql.CONVERT.run({**batch.values, "oldest": oldest, "limit": SUM_LIMIT})
    analyze(CHANGE, "block", "id", "number", "outcome", "is_refund", "partner_id", "month", "held_partner")
    return sql.COUNT_ATTRIBUTION.row(Attributed)


def _days(days: int | None) -> int | None:
    return days
