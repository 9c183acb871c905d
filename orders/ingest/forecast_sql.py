"""The statements of a forecast: what the staged lines would do. Their parameters are named and typed in `orders.ingest.sql`."""

from typing import Final

from orders.ingest.statement import Statement

# One row, as `orders.ingest.forecast.Shares`.
SHARES: Final = Statement(
    """
    SELECT count(*) FILTER (WHERE c.outcome = 'created' AND NOT back),
           sum(c.counted) FILTER (WHERE c.outcome = 'created' AND NOT back),
           count(*) FILTER (WHERE c.outcome = 'corrected' AND NOT back),
           sum(coalesce(c.counted, 0) - coalesce(o.held_counted, 0))
               FILTER (WHERE c.outcome = 'corrected' AND NOT back),
           count(*) FILTER (WHERE back), sum(c.counted) FILTER (WHERE back),
           count(*) FILTER (WHERE c.partner_id IS NOT NULL OR (%(creates)s AND c.code <> '' AND NOT EXISTS (
               SELECT FROM orders_ignoredcode i
               WHERE i.tenant_id = %(tenant)s AND i.normal = c.code AND i.scheme_key = %(scheme)s)
               AND NOT EXISTS (SELECT FROM pg_temp.prm_code p WHERE p.normal = c.code AND p.is_shared))), count(*),
           count(*) FILTER (WHERE c.waits <> '')
    FROM pg_temp.prm_change c JOIN pg_temp.prm_order o USING (block)
    CROSS JOIN LATERAL (SELECT c.is_reversal OR c.state = 'cancelled' OR c.amount < 0) b (back)
    """,
    reads=("prm_change", "prm_order", "prm_code", "orders_ignoredcode"),
)

COUNT_UNCHANGED: Final = Statement(
    "SELECT count(*) FROM pg_temp.prm_order WHERE outcome = 'unchanged'", reads=("prm_order",)
)

# What becomes of some orders, each as `orders.ingest.forecast.Fate`.
FATES: Final = Statement(
    """
    SELECT o.number, o.outcome, o.held_amount, coalesce(c.code, o.code), c.amount, c.state,
           coalesce(c.is_reversal OR c.amount < 0, false), c.partner_id, coalesce(c.credits, '')
    FROM pg_temp.prm_order o LEFT JOIN pg_temp.prm_change c USING (block)
    WHERE o.number = ANY(%(numbers)s)
    """,
    reads=("prm_order", "prm_change"),
)

# Why some lines of one file would be rejected, each as `orders.ingest.forecast.RejectedLine`.
REJECTED_LINES: Final = Statement(
    """
    SELECT DISTINCT ON (line_no) line_no, field, message
    FROM pg_temp.prm_reject
    WHERE file_no = %(file_no)s AND line_no = ANY(%(lines)s)
    ORDER BY line_no, reason
    """,
    reads=("prm_reject",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
