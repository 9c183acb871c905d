"""The last step of a merge: partner-months, made true from the orders they sum up."""

from orders.ingest import sql
from orders.ingest.statement import analyze, create
from orders.ingest.temporary import MONTH, TOUCHED
from partners.standing.service import replace_months
from prm.tenancy.context import current_tenant


def roll_up() -> None:
    """Make the partner-months of all orders that changed true."""
    create(TOUCHED)
    sql.FIND_TOUCHED.run()
    recompute_months()


def recompute_months() -> None:
    """Make the partner-months named in `prm_touched` true.

    Must run under the tenant's order lock. Writes only rows that differ.
    """
    analyze(TOUCHED)
    create(MONTH)
    tenant = current_tenant()
    sql.SUM_MONTHS.run({"tenant": tenant.pk, "zone": tenant.timezone})
    analyze(MONTH)
    replace_months(named=TOUCHED.name, sums=MONTH.name)
