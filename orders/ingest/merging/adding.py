"""Lines that a file adds to orders which other files have begun, for sources that say so.

They go the way of refunds: each content is taken once, whichever file brings it and however often, so that files may come in
any order and again. Equal lines of one file are counted: the n-th of any file is the n-th of all. What an order comes to is
worked out over all of its lines, those held and the new ones.
"""

from typing import Final

from orders.ingest import sql
from orders.ingest.merging.batch import Batch
from orders.ingest.statement import Statement

# Every block is a part; a cancellation document counts negative, each part of it as a whole.
MARK_ADDED: Final = Statement(
    "UPDATE pg_temp.prm_block SET is_refund = true WHERE NOT is_refund", writes=("prm_block",)
)

TURN_ADDED: Final = Statement(
    """
    UPDATE pg_temp.prm_line l SET quantity = -l.quantity, given = -l.given
    FROM (SELECT b.block FROM pg_temp.prm_block b JOIN pg_temp.prm_line t USING (block)
          WHERE b.is_reversal GROUP BY b.block HAVING sum(t.amount) > 0) p
    WHERE l.block = p.block
    """,
    reads=("prm_block", "prm_line"),
    writes=("prm_line",),
)

# As those of refunds, but never taken for them.
FIND_ADDED: Final = Statement(
    sql.FIND_REFUNDS.sql.replace("md5(concat_ws(", "'+' || left(md5(concat_ws(").replace(
        "ORDER BY l.ordinal))) AS key", "ORDER BY l.ordinal))), 31) AS key"
    ),
    reads=sql.FIND_REFUNDS.reads,
    writes=sql.FIND_REFUNDS.writes,
)

# Orders of which nothing is new.
COMPARE_KNOWN: Final = Statement(
    """
    INSERT INTO pg_temp.prm_order
    SELECT DISTINCT ON (b.number) b.block, b.file_no, b.first_line, b.number, o.code, b.partner_name, o.currency, b.state,
           b.lines_before, 0, 0, b.is_reversal, true, o.content_hash, o.id, o.partner_id, o.code, o.month, o.currency,
           o.amount, o.counted, o.units, o.refunded, o.refunded_units, o.state, o.sent_state, o.placed_at,
           o.content_hash, 'unchanged', o.credits, ''
    FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number
    WHERE NOT EXISTS (SELECT 1 FROM pg_temp.prm_order m WHERE m.number = b.number)
    ORDER BY b.number, b.file_no, b.block
    """,
    reads=("prm_refund", "prm_block", "orders_order", "prm_order"),
    writes=("prm_order",),
)

# What new lines change, so that the order comes to all of its lines. A cancelled line of an order that stands does not
# count; the order is as far as the least far of those that do.
SUM_ADDED: Final = Statement(
    """
    INSERT INTO pg_temp.prm_refund_sum
        (number, amount, units, placed_at, state, largest, lines, refunded, refunded_units, whole_state)
    SELECT n.number,
           CASE WHEN t.stands THEN n.standing + h.standing ELSE n.amount + h.amount END - coalesce(o.held_amount, 0),
           CASE WHEN t.stands THEN n.standing_units + h.standing_units ELSE n.units + h.units END
               - coalesce(o.held_units, 0),
           n.placed_at, t.state, n.largest, n.lines, 0, 0, t.state
    FROM (
        SELECT r.number, sum(r.amount) AS amount, sum(r.quantity) AS units,
               coalesce(sum(r.amount) FILTER (WHERE s.state <> 'cancelled'), 0) AS standing,
               coalesce(sum(r.quantity) FILTER (WHERE s.state <> 'cancelled'), 0) AS standing_units,
               min(array_position(ARRAY['received', 'scheduled', 'completed'], s.state)) AS least,
               min(r.placed_at) AS placed_at, max(abs(r.amount)) AS largest, count(*) AS lines
        FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
        CROSS JOIN LATERAL (SELECT coalesce(r.state, b.state)) s (state)
        WHERE NOT r.is_held GROUP BY r.number
    ) n
    JOIN pg_temp.prm_order o USING (number)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(x.amount), 0) AS amount, coalesce(sum(x.quantity), 0) AS units,
               coalesce(sum(x.amount) FILTER (WHERE s.state <> 'cancelled'), 0) AS standing,
               coalesce(sum(x.quantity) FILTER (WHERE s.state <> 'cancelled'), 0) AS standing_units,
               min(array_position(ARRAY['received', 'scheduled', 'completed'], s.state)) AS least
        FROM orders_orderline x
        CROSS JOIN LATERAL (SELECT coalesce(nullif(x.state, ''), o.held_state)) s (state)
        WHERE x.tenant_id = %(tenant)s AND x.order_id = o.held_id
    ) h
    CROSS JOIN LATERAL (
        SELECT least(n.least, h.least) IS NOT NULL,
               coalesce((ARRAY['received', 'scheduled', 'completed'])[least(n.least, h.least)], 'cancelled')
    ) t (stands, state)
    """,
    reads=("prm_refund", "prm_block", "prm_order", "orders_orderline"),
    writes=("prm_refund_sum",),
)

# Whose order it is was said by another file already.
FIND_OTHER_CODE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_refused (block, reason, field, message)
    SELECT DISTINCT b.block, 'two_codes', 'code',
           'Order ' || o.number || ' names ' || o.code || ' in another file and ' || b.code || ' here.'
    FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
    JOIN pg_temp.prm_order o ON o.number = b.number
    WHERE NOT r.is_held AND b.code <> '' AND o.code <> '' AND b.code <> o.code
    """,
    reads=("prm_refund", "prm_block", "prm_order"),
    writes=("prm_refused",),
)

# Each with its own state, from which that of the order is worked out when more lines come.
INSERT_ADDED: Final = Statement(
    """
    INSERT INTO orders_orderline
        (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at, state, refund)
    SELECT %(tenant)s, c.id,
           coalesce((SELECT max(h.ordinal) FROM orders_orderline h
                     WHERE h.tenant_id = %(tenant)s AND h.order_id = c.id), 0)
               + row_number() OVER (PARTITION BY c.id ORDER BY r.block, r.ordinal),
           p.id, r.quantity, r.unit_price, r.amount, r.placed_at, coalesce(r.state, b.state), r.key
    FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
    JOIN pg_temp.prm_change c ON c.number = r.number
    LEFT JOIN pg_temp.prm_product_id p ON p.product = r.product
    WHERE NOT r.is_held
    """,
    reads=("prm_refund", "prm_block", "prm_change", "prm_product_id", "orders_orderline"),
    writes=("orders_orderline",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}


def compare_added(batch: Batch) -> None:
    """Put staged lines beside those held of their orders; write `prm_refund` and `prm_order`."""
    MARK_ADDED.run()
    TURN_ADDED.run()
    FIND_ADDED.run(batch.values)
    sql.COMPARE_REFUNDS.run(batch.values)
    COMPARE_KNOWN.run(batch.values)


def sum_added(batch: Batch) -> None:
    """Work out what orders come to with their new lines; write `prm_refund_sum`."""
    SUM_ADDED.run(batch.values)


def write_added(batch: Batch) -> None:
    """Write the new lines."""
    INSERT_ADDED.run(batch.values)
