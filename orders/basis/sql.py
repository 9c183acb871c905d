"""Set-based statements about another calendar or another money."""

from typing import Final

from orders.ingest.statement import Statement

PARAMETERS: Final = {"tenant": "uuid", "zone": "text", "before": "text", "into": "text"}

# Every partner-month that orders, or parts of them, are in.
TOUCH_EVERYTHING: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT DISTINCT partner_id, month FROM orders_order WHERE tenant_id = %(tenant)s AND partner_id IS NOT NULL
    UNION
    SELECT DISTINCT partner_id, month FROM orders_ordershare WHERE tenant_id = %(tenant)s
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("orders_order", "orders_ordershare", "prm_touched"),
    writes=("prm_touched",),
)

# Who came with a day begins with that day in the new zone too; who came with a time keeps the moment.
MOVE_LINES: Final = Statement(
    """
    UPDATE orders_orderline l
    SET placed_at = (l.placed_at AT TIME ZONE %(before)s) AT TIME ZONE %(zone)s
    WHERE l.tenant_id = %(tenant)s AND (l.placed_at AT TIME ZONE %(before)s)::time = '00:00'
    """,
    writes=("orders_orderline",),
)

MOVE_ORDERS: Final = Statement(
    """
    UPDATE orders_order o
    SET placed_at = m.moment, month = date_trunc('month', m.moment AT TIME ZONE %(zone)s)::date, updated_at = now()
    FROM (
        SELECT id, CASE WHEN (placed_at AT TIME ZONE %(before)s)::time = '00:00'
                        THEN (placed_at AT TIME ZONE %(before)s) AT TIME ZONE %(zone)s ELSE placed_at END AS moment
        FROM orders_order WHERE tenant_id = %(tenant)s
    ) m
    WHERE o.tenant_id = %(tenant)s AND o.id = m.id
      AND (o.placed_at <> m.moment OR o.month <> date_trunc('month', m.moment AT TIME ZONE %(zone)s)::date)
    """,
    reads=("orders_order",),
    writes=("orders_order",),
)

# What is in the tenant's money needs no rate any more.
COUNT_OWN_MONEY: Final = Statement(
    """
    UPDATE orders_order SET rate = NULL, rate_on = NULL, places = NULL, waits = '', updated_at = now()
    WHERE tenant_id = %(tenant)s AND currency = %(into)s AND (rate IS NOT NULL OR waits IN ('no_rate', 'old_rate'))
    """,
    writes=("orders_order",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
