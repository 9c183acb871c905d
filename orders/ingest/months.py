"""Partner-months, made true from the orders they sum up."""

from uuid import UUID

from django.db import connection

from partners.standing.months import replace_months
from prm.tenancy.context import current_tenant

# What counts: every order that is not cancelled, in money and units; reversals are no orders.
_SUMS = """
    DROP TABLE IF EXISTS pg_temp.prm_month;
    CREATE TEMP TABLE prm_month ON COMMIT DROP AS
    SELECT o.partner_id, o.month,
           count(*) FILTER (WHERE NOT o.is_reversal) AS orders, sum(o.units) AS units,
           sum(o.amount) AS revenue,
           min((o.placed_at AT TIME ZONE %(zone)s)::date) FILTER (WHERE NOT o.is_reversal) AS first_on,
           max((o.placed_at AT TIME ZONE %(zone)s)::date) FILTER (WHERE NOT o.is_reversal) AS last_on
    FROM orders_order o JOIN pg_temp.prm_touched t ON t.partner_id = o.partner_id AND t.month = o.month
    WHERE o.tenant_id = %(tenant)s AND o.state <> 'cancelled'
    GROUP BY o.partner_id, o.month
"""


def recompute_months() -> set[UUID]:
    """Make the partner-months named in `pg_temp.prm_touched` (partner_id, month) true.

    Must run under the tenant's order lock. Writes only rows that differ; gives the partners whose
    months were named.
    """
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.prm_touched")
        cursor.execute(_SUMS, {"tenant": tenant.pk, "zone": tenant.timezone})
        cursor.execute("ANALYZE pg_temp.prm_month")
    return replace_months(named="prm_touched", sums="prm_month")
