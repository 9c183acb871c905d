"""Partner-months, made true from the orders they sum up."""

from typing import Any
from uuid import UUID

from django.db import connection

from prm.tenancy.context import current_tenant

# What counts: every order that is not cancelled, in money and units; reversals are no orders.
_SUMS = """
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
    """Make the partner-months named in ``pg_temp.prm_touched`` (partner_id, month) true.

    Must run under the tenant's order lock. Writes only rows that differ; gives the partners whose
    months were named.
    """
    tenant = current_tenant()
    values: dict[str, Any] = {"tenant": tenant.pk, "zone": tenant.timezone}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.prm_touched")
        cursor.execute(
            """
            DELETE FROM partners_partnermonth m USING pg_temp.prm_touched t
            WHERE m.tenant_id = %(tenant)s AND m.partner_id = t.partner_id AND m.month = t.month
              AND NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.tenant_id = %(tenant)s
                              AND o.partner_id = t.partner_id AND o.month = t.month
                              AND o.state <> 'cancelled')
            """,
            values,
        )
        # gen_random_uuid: months are found by partner and month, their ids need no order.
        cursor.execute(
            f"""
            INSERT INTO partners_partnermonth
                (id, tenant_id, partner_id, month, orders, units, revenue, first_on, last_on)
            SELECT gen_random_uuid(), %(tenant)s, s.* FROM ({_SUMS}) s
            ON CONFLICT (tenant_id, partner_id, month) DO UPDATE
            SET orders = EXCLUDED.orders, units = EXCLUDED.units, revenue = EXCLUDED.revenue,
                first_on = EXCLUDED.first_on, last_on = EXCLUDED.last_on
            WHERE (partners_partnermonth.orders, partners_partnermonth.units,
                   partners_partnermonth.revenue, partners_partnermonth.first_on,
                   partners_partnermonth.last_on)
               IS DISTINCT FROM (EXCLUDED.orders, EXCLUDED.units, EXCLUDED.revenue,
                                 EXCLUDED.first_on, EXCLUDED.last_on)
            """,
            values,
        )
        cursor.execute("SELECT DISTINCT partner_id FROM pg_temp.prm_touched")
        return {row[0] for row in cursor.fetchall()}
