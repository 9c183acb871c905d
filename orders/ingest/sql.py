"""The statements of an import, in the order in which they run.

Each says what it reads and what it writes; a test compares that with its text and PREPAREs it on a
real database. Only orders that are new or whose content hash differs are looked at beyond COMPARE,
so that sending the same again costs little and writes nothing.

Ids of many rows in one statement: `(%(ids)s || to_hex(4294967296 + n))::uuid`, see `prm.core.ids.id_stem`.
"""

from typing import Final

from orders.ingest.statement import Statement

#: The parameters of all statements, by name, with their types in PostgreSQL.
PARAMETERS: Final = {
    "tenant": "uuid",
    "source": "uuid",
    "run": "uuid",
    "zone": "text",
    "append": "boolean",
    "limit": "numeric",
    "ids": "text",
    "creates": "boolean",
    "numbers": "text[]",
    "scheme": "text",
}

# --- staging: orders whose lines are not consecutive ----------------------------------------------

COUNT_BLOCKS: Final = Statement("SELECT count(*) FROM pg_temp.prm_block", reads=("prm_block",))

FIND_SCATTERED: Final = Statement(
    """
    INSERT INTO pg_temp.prm_scattered (block, file_no, number, code, partner_name, currency, state)
    SELECT b.block, file_no, number, b.code, b.partner_name, b.currency, b.state
    FROM pg_temp.prm_block b JOIN (
        SELECT file_no, number FROM pg_temp.prm_block GROUP BY file_no, number HAVING count(*) > 1
    ) d USING (file_no, number)
    """,
    reads=("prm_block",),
    writes=("prm_scattered",),
)

# Their lines in the order of the file, each as `orders.ingest.stage.ScatteredLine`.
SCATTERED_LINES: Final = Statement(
    """
    SELECT b.file_no, l.line_no, b.number, b.code, b.partner_name, b.currency, b.state,
           to_char(l.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00', l.product,
           coalesce(p.code, ''), coalesce(p.name, ''), l.quantity, l.unit_price, l.given, l.by_hand::int
    FROM pg_temp.prm_scattered b JOIN pg_temp.prm_line l USING (block)
    LEFT JOIN pg_temp.prm_product p USING (product)
    ORDER BY b.file_no, b.number, l.by_hand, l.line_no
    """,
    reads=("prm_scattered", "prm_line", "prm_product"),
)

LAST_BLOCK: Final = Statement(
    "SELECT max(block), max(lines_before + lines) FROM pg_temp.prm_block", reads=("prm_block",)
)

DROP_SCATTERED_LINES: Final = Statement(
    "DELETE FROM pg_temp.prm_line l USING pg_temp.prm_scattered s WHERE l.block = s.block",
    reads=("prm_scattered",),
    writes=("prm_line",),
)

DROP_SCATTERED_BLOCKS: Final = Statement(
    "DELETE FROM pg_temp.prm_block b USING pg_temp.prm_scattered s WHERE b.block = s.block",
    reads=("prm_scattered",),
    writes=("prm_block",),
)

# --- compare: what is new, what differs, what is known --------------------------------------------

COMPARE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_order
    SELECT b.*, o.id, o.partner_id, o.code, o.month, o.amount, o.units, o.state, o.placed_at, o.content_hash,
           CASE WHEN o.id IS NULL THEN 'created'
                WHEN o.content_hash = b.content_hash AND NOT %(append)s THEN 'unchanged'
                ELSE 'corrected' END
    FROM (SELECT DISTINCT ON (number) * FROM pg_temp.prm_block ORDER BY number, file_no DESC) b
    LEFT JOIN orders_order o
        ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number
    """,
    reads=("prm_block", "orders_order"),
    writes=("prm_order",),
)

# One row, as `orders.ingest.merging.compare.Compared`.
COUNT_OUTCOMES: Final = Statement(
    """
    SELECT count(*) FILTER (WHERE outcome = 'created'),
           count(*) FILTER (WHERE outcome = 'corrected'),
           count(*) FILTER (WHERE outcome = 'unchanged'),
           (SELECT count(*) FROM pg_temp.prm_block) - count(*),
           coalesce(sum(lines) FILTER (WHERE outcome <> 'unchanged'), 0),
           coalesce(sum(lines) FILTER (WHERE outcome = 'unchanged'), 0),
           (SELECT coalesce(sum(lines), 0) FROM pg_temp.prm_block) - coalesce(sum(lines), 0)
    FROM pg_temp.prm_order
    """,
    reads=("prm_block", "prm_order"),
)

OUTCOMES: Final = Statement("SELECT number, outcome FROM pg_temp.prm_order", reads=("prm_order",))

SUM_UP: Final = Statement(
    """
    INSERT INTO pg_temp.prm_sum (block, amount, units, placed_at, all_negative, largest)
    SELECT l.block,
           sum(CASE WHEN b.is_reversal THEN -abs(l.amount) ELSE l.amount END),
           sum(CASE WHEN b.is_reversal THEN -abs(l.quantity) ELSE l.quantity END),
           min(l.placed_at), max(l.amount) < 0, max(abs(l.amount))
    FROM pg_temp.prm_line l JOIN pg_temp.prm_block b USING (block)
    JOIN pg_temp.prm_order o ON o.number = b.number AND o.outcome <> 'unchanged'
    GROUP BY l.block
    """,
    reads=("prm_line", "prm_block", "prm_order"),
    writes=("prm_sum",),
)

_TOO_LARGE = """
        SELECT o.block FROM pg_temp.prm_order o JOIN pg_temp.prm_sum s USING (block)
        WHERE s.largest >= %(limit)s OR abs(s.amount) >= %(limit)s OR abs(s.units) >= %(limit)s
    """

# Orders whose amounts no money field can hold.
REFUSE_OVERFLOW: Final = Statement(
    f"""
    INSERT INTO pg_temp.prm_reject
        (file_no, line_no, reason, field, column_name, message, raw, fingerprint)
    SELECT b.file_no, l.line_no, 'number_too_large', 'amount', '',
           'The amount of order ' || b.number || ' is too large.',
           jsonb_strip_nulls(jsonb_build_object('number', b.number, 'code', b.code,
                'date', l.placed_at::text, 'product_code', p.code, 'product_name', p.name,
                'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'amount', l.given::text)),
           md5(b.content_hash || ' ' || l.ordinal)
    FROM pg_temp.prm_line l JOIN pg_temp.prm_block b USING (block)
    LEFT JOIN pg_temp.prm_product p USING (product)
    WHERE l.block IN ({_TOO_LARGE})
    """,
    reads=("prm_line", "prm_block", "prm_product", "prm_order", "prm_sum"),
    writes=("prm_reject",),
)

DROP_OVERFLOWN: Final = Statement(
    f"DELETE FROM pg_temp.prm_order WHERE block IN ({_TOO_LARGE})",
    reads=("prm_order", "prm_sum"),
    writes=("prm_order",),
)

# --- tie: whose orders they are -------------------------------------------------------------------

FIND_CODES: Final = Statement(
    """
    INSERT INTO pg_temp.prm_code (normal, partner_name, first_block)
    SELECT code, max(partner_name), min(block) FROM pg_temp.prm_order
    WHERE outcome <> 'unchanged' AND code <> '' GROUP BY code
    """,
    reads=("prm_order",),
    writes=("prm_code",),
)

# Nobody's codes with the name sent for each, in the order in which they came.
UNKNOWN_CODES: Final = Statement(
    """
    SELECT c.normal, c.partner_name FROM pg_temp.prm_code c
    WHERE c.partner_id IS NULL AND NOT c.is_shared
      AND NOT EXISTS (SELECT 1 FROM orders_ignoredcode i
                      WHERE i.tenant_id = %(tenant)s AND i.normal = c.normal AND i.scheme_key = %(scheme)s)
    ORDER BY c.first_block
    """,
    reads=("prm_code", "orders_ignoredcode"),
)

# An order that is held and comes again with nothing but negative amounts is thereby cancelled; so is one
# whose earlier version came in this run. A partner tied by hand stays while the code stays the same and
# belongs to nobody else. With `append` the staged lines are added to what is held.
ATTRIBUTE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_change (block, lines_before, lines, number, outcome, partner_name, currency,
        held_partner, held_month, id, code, partner_id, placed_at, month, amount, units, state, is_reversal,
        content_hash)
    SELECT o.block, o.lines_before, o.lines, o.number, o.outcome, o.partner_name, o.currency,
           o.held_partner, o.held_month,
           coalesce(o.held_id, (%(ids)s || to_hex(4294967296 + o.block))::uuid),
           CASE WHEN %(append)s AND o.held_id IS NOT NULL THEN coalesce(nullif(o.held_code, ''), o.code)
                ELSE o.code END,
           coalesce(c.partner_id, CASE WHEN o.held_code = o.code OR %(append)s THEN o.held_partner END),
           p.placed_at,
           date_trunc('month', p.placed_at AT TIME ZONE %(zone)s)::date,
           CASE WHEN %(append)s THEN coalesce(o.held_amount, 0) + s.amount ELSE s.amount END,
           CASE WHEN %(append)s THEN coalesce(o.held_units, 0) + s.units ELSE s.units END,
           CASE WHEN %(append)s AND o.held_id IS NOT NULL THEN o.held_state
                WHEN s.all_negative AND NOT o.is_reversal
                     AND (o.held_amount > 0 OR o.held_state = 'cancelled' OR EXISTS (
                          SELECT 1 FROM pg_temp.prm_block e JOIN pg_temp.prm_sum t USING (block)
                          WHERE e.number = o.number AND e.file_no < o.file_no AND t.amount > 0))
                THEN 'cancelled' ELSE o.state END,
           o.is_reversal,
           CASE WHEN %(append)s THEN coalesce(o.held_hash, o.content_hash) ELSE o.content_hash END
    FROM pg_temp.prm_order o JOIN pg_temp.prm_sum s USING (block)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN %(append)s THEN least(o.held_placed, s.placed_at) ELSE s.placed_at END
    ) p (placed_at)
    LEFT JOIN pg_temp.prm_code c ON c.normal = o.code
    WHERE o.outcome <> 'unchanged'
    ORDER BY o.block
    """,
    reads=("prm_order", "prm_sum", "prm_code", "prm_block"),
    writes=("prm_change",),
)

# One row, as `orders.ingest.merging.attribute.Attributed`.
COUNT_ATTRIBUTION: Final = Statement(
    """
    SELECT count(*) FILTER (WHERE state = 'cancelled' OR is_reversal),
           count(*) FILTER (WHERE partner_id IS NULL),
           coalesce(sum(lines) FILTER (WHERE partner_id IS NULL), 0),
           count(DISTINCT code) FILTER (WHERE partner_id IS NULL AND code <> '')
    FROM pg_temp.prm_change
    """,
    reads=("prm_change",),
)

# --- write ----------------------------------------------------------------------------------------

# Products that the lines name; of several names for one code the last counts.
WRITE_PRODUCTS: Final = Statement(
    """
    INSERT INTO orders_product (id, tenant_id, code, name)
    SELECT (%(ids)s || to_hex(4294967296 + p.product))::uuid, %(tenant)s, p.code, p.name
    FROM (
        SELECT DISTINCT ON (p.code) p.* FROM pg_temp.prm_product p
        JOIN (SELECT DISTINCT l.product FROM pg_temp.prm_line l
              JOIN pg_temp.prm_change c USING (block)) used USING (product)
        ORDER BY p.code, p.name = '', p.product DESC
    ) p
    ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name
    WHERE EXCLUDED.name <> '' AND orders_product.name <> EXCLUDED.name
    """,
    reads=("prm_product", "prm_line", "prm_change"),
    writes=("orders_product",),
)

FIND_PRODUCTS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_product_id (product, id)
    SELECT p.product, q.id FROM pg_temp.prm_product p
    JOIN orders_product q ON q.tenant_id = %(tenant)s AND q.code = p.code
    """,
    reads=("prm_product", "orders_product"),
    writes=("prm_product_id",),
)

INSERT_ORDERS: Final = Statement(
    """
    INSERT INTO orders_order (id, tenant_id, source_id, number, partner_id, code, partner_name,
        placed_at, month, currency, amount, units, state, is_reversal, content_hash, run_id)
    SELECT id, %(tenant)s, %(source)s, number, partner_id, code, partner_name, placed_at, month,
        currency, amount, units, state, is_reversal OR amount < 0, content_hash, %(run)s
    FROM pg_temp.prm_change WHERE outcome = 'created' ORDER BY block
    """,
    reads=("prm_change",),
    writes=("orders_order",),
)

UPDATE_ORDERS: Final = Statement(
    """
    UPDATE orders_order o SET partner_id = c.partner_id, code = c.code,
        partner_name = coalesce(nullif(c.partner_name, ''), o.partner_name),
        placed_at = c.placed_at, month = c.month, currency = c.currency, amount = c.amount,
        units = c.units, state = c.state, is_reversal = c.is_reversal OR c.amount < 0,
        content_hash = c.content_hash, run_id = %(run)s, revision = o.revision + 1, updated_at = now()
    FROM pg_temp.prm_change c
    WHERE o.tenant_id = %(tenant)s AND o.id = c.id AND c.outcome = 'corrected'
    """,
    reads=("prm_change",),
    writes=("orders_order",),
)

DELETE_LINES: Final = Statement(
    """
    DELETE FROM orders_orderline l USING pg_temp.prm_change c
    WHERE l.tenant_id = %(tenant)s AND l.order_id = c.id AND c.outcome = 'corrected'
    """,
    reads=("prm_change",),
    writes=("orders_orderline",),
)

_LINES = """
    INSERT INTO orders_orderline
        (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at)
    SELECT %(tenant)s, c.id, {offset} + l.ordinal, p.id,
           CASE WHEN c.is_reversal THEN -abs(l.quantity) ELSE l.quantity END,
           l.unit_price,
           CASE WHEN c.is_reversal THEN -abs(l.amount) ELSE l.amount END,
           l.placed_at
    FROM pg_temp.prm_line l
    JOIN pg_temp.prm_change c USING (block)
    LEFT JOIN pg_temp.prm_product_id p USING (product)
    """

INSERT_LINES: Final = Statement(
    _LINES.replace("{offset} + ", ""),
    reads=("prm_line", "prm_change", "prm_product_id"),
    writes=("orders_orderline",),
)

# Behind the lines that the order has already.
APPEND_LINES: Final = Statement(
    _LINES.replace(
        "{offset}",
        "coalesce((SELECT max(h.ordinal) FROM orders_orderline h"
        " WHERE h.tenant_id = %(tenant)s AND h.order_id = c.id), 0)",
    ),
    reads=("prm_line", "prm_change", "prm_product_id", "orders_orderline"),
    writes=("orders_orderline",),
)

# Content that is kept already is not kept twice.
KEEP_REJECTS: Final = Statement(
    """
    INSERT INTO orders_rejectedline (id, tenant_id, source_id, run_id, file_no, line_no, reason,
        field, "column", message, raw, fingerprint)
    SELECT (%(ids)s || to_hex(4294967296 + row_number() OVER (ORDER BY file_no, line_no)))::uuid,
           %(tenant)s, %(source)s, %(run)s, file_no, line_no, reason, field, column_name, message,
           raw, fingerprint
    FROM pg_temp.prm_reject
    ON CONFLICT (tenant_id, source_id, fingerprint) DO NOTHING
    """,
    reads=("prm_reject",),
    writes=("orders_rejectedline",),
)

# --- months ---------------------------------------------------------------------------------------

FIND_TOUCHED: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT partner_id, month FROM pg_temp.prm_change WHERE partner_id IS NOT NULL
    UNION
    SELECT held_partner, held_month FROM pg_temp.prm_change WHERE held_partner IS NOT NULL
    """,
    reads=("prm_change",),
    writes=("prm_touched",),
)

# What counts: every order that is not cancelled, in money and units; reversals are no orders.
SUM_MONTHS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_month (partner_id, month, orders, units, revenue, first_on, last_on)
    SELECT o.partner_id, o.month,
           count(*) FILTER (WHERE NOT o.is_reversal), sum(o.units), sum(o.amount),
           min((o.placed_at AT TIME ZONE %(zone)s)::date) FILTER (WHERE NOT o.is_reversal),
           max((o.placed_at AT TIME ZONE %(zone)s)::date) FILTER (WHERE NOT o.is_reversal)
    FROM orders_order o JOIN pg_temp.prm_touched t ON t.partner_id = o.partner_id AND t.month = o.month
    WHERE o.tenant_id = %(tenant)s AND o.state <> 'cancelled'
    GROUP BY o.partner_id, o.month
    """,
    reads=("orders_order", "prm_touched"),
    writes=("prm_month",),
)

# --- forecast: what an import would do ------------------------------------------------------------

# One row, as `orders.ingest.forecast.Shares`.
SHARES: Final = Statement(
    """
    SELECT count(*) FILTER (WHERE c.outcome = 'created' AND NOT back),
           sum(c.amount) FILTER (WHERE c.outcome = 'created' AND NOT back),
           count(*) FILTER (WHERE c.outcome = 'corrected' AND NOT back),
           sum(c.amount - coalesce(o.held_amount, 0)) FILTER (WHERE c.outcome = 'corrected' AND NOT back),
           count(*) FILTER (WHERE back), sum(c.amount) FILTER (WHERE back),
           count(*) FILTER (WHERE c.partner_id IS NOT NULL OR (%(creates)s AND c.code <> '')), count(*)
    FROM pg_temp.prm_change c JOIN pg_temp.prm_order o USING (block)
    CROSS JOIN LATERAL (SELECT c.is_reversal OR c.state = 'cancelled' OR c.amount < 0) b (back)
    """,
    reads=("prm_change", "prm_order"),
)

COUNT_UNCHANGED: Final = Statement(
    "SELECT count(*) FROM pg_temp.prm_order WHERE outcome = 'unchanged'", reads=("prm_order",)
)

# What becomes of some orders, each as `orders.ingest.forecast.Fate`.
FATES: Final = Statement(
    """
    SELECT o.number, o.outcome, o.held_amount, coalesce(c.code, o.code), c.amount, c.state,
           coalesce(c.is_reversal OR c.amount < 0, false), c.partner_id
    FROM pg_temp.prm_order o LEFT JOIN pg_temp.prm_change c USING (block)
    WHERE o.number = ANY(%(numbers)s)
    """,
    reads=("prm_order", "prm_change"),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
