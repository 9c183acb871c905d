"""The last step of a merge: partner-months, made true from the orders they sum up."""

from uuid import UUID

from orders.ingest import sql
from orders.ingest.statement import analyze, create
from orders.ingest.temporary import MONTH, TOUCHED
from partners.standing.months import replace_months
from prm.tenancy.context import current_tenant


def roll_up() -> set[UUID]:
    """Make the partner-months of all orders that changed true; return their partners."""
    create(TOUCHED)
    sql.FIND_TOUCHED.run()
    return recompute_months()


def recompute_months() -> set[UUID]:
    """Make the partner-months named in `prm_touched` true; return their partners.

    Must run under the tenant's order lock. Writes only rows that differ.
    """
    analyze(TOUCHED)
    create(MONTH)
    tenant = current_tenant()
    sql.SUM_MONTHS.run({"tenant": tenant.pk, "zone": tenant.timezone})
    analyze(MONTH)
    return replace_months(named=TOUCHED.name, sums=MONTH.name)
