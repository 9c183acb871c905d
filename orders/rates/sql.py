"""Set-based statements about rates."""

from typing import Final

from orders.ingest.statement import Statement

PARAMETERS: Final = {
    "tenant": "uuid",
    "into": "text",
    "places": "int",
    "zone": "text",
    "oldest": "int",
    "limit": "numeric",
    "slice": "int",
    "currency": "text",
    "begin": "timestamptz",
    "end": "timestamptz",
}

_FOREIGN: Final = """
        o.tenant_id = %(tenant)s AND o.currency <> %(into)s
          AND (%(currency)s::text IS NULL OR o.currency = %(currency)s)
          AND (%(begin)s::timestamptz IS NULL OR o.placed_at >= %(begin)s)
          AND (%(end)s::timestamptz IS NULL OR o.placed_at < %(end)s)
"""

# One slice of the orders that are not converted as the rates now say: the partner-months they are in go to
# `prm_touched`. What waits because it is too large waits on (the months decide).
CONVERT_ANEW: Final = Statement(
    f"""
    WITH found AS (
        SELECT o.id, x.rate, x.since, x.waits
        FROM orders_order o
        CROSS JOIN LATERAL (SELECT (o.placed_at AT TIME ZONE %(zone)s)::date) d (day)
        LEFT JOIN LATERAL (
            SELECT e.rate, e.since FROM orders_exchangerate e
            WHERE e.tenant_id = %(tenant)s AND e.currency = o.currency AND e.into = %(into)s AND e.since <= d.day
            ORDER BY e.since DESC LIMIT 1
        ) e ON true
        CROSS JOIN LATERAL (SELECT coalesce(d.day - e.since > %(oldest)s, false)) old (is_old)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN NOT is_old THEN e.rate END, CASE WHEN NOT is_old THEN e.since END,
                   CASE WHEN e.rate IS NULL THEN 'no_rate' WHEN is_old THEN 'old_rate'
                        WHEN abs(o.amount) >= %(limit)s / e.rate THEN 'too_large' ELSE '' END
        ) x (rate, since, waits)
        WHERE {_FOREIGN}
          AND (ROW(o.rate, o.rate_on) IS DISTINCT FROM ROW(x.rate, x.since)
               OR (x.rate IS NOT NULL AND o.places IS DISTINCT FROM %(places)s)
               OR (x.rate IS NULL AND o.waits <> x.waits))
        LIMIT %(slice)s
    ), changed AS (
        UPDATE orders_order o
        SET rate = f.rate, rate_on = f.since, places = CASE WHEN f.rate IS NOT NULL THEN %(places)s END,
            waits = f.waits, updated_at = now()
        FROM found f WHERE o.tenant_id = %(tenant)s AND o.id = f.id
        RETURNING o.partner_id, o.month
    ), told AS (
        INSERT INTO pg_temp.prm_touched (partner_id, month)
        SELECT DISTINCT partner_id, month FROM changed WHERE partner_id IS NOT NULL
    )
    SELECT count(*) FROM changed
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_exchangerate"),
    writes=("orders_order", "prm_touched"),
)

# The partner-months of orders that were too large to be added up.
TOUCH_ASIDE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT DISTINCT partner_id, month FROM orders_order
    WHERE tenant_id = %(tenant)s AND waits = 'too_large' AND partner_id IS NOT NULL
    """,
    reads=("orders_order",),
    writes=("prm_touched",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
