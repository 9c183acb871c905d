"""The statements of an import that write, in the order in which they run; see `orders.ingest.sql`.

Their parameters are named and typed there.
"""

from typing import Final

from orders.ingest.merging import parts_sql
from orders.ingest.statement import Statement

# --- write ----------------------------------------------------------------------------------------

# Products that the lines name; of several names for one code the last counts.
WRITE_PRODUCTS: Final = Statement(
    """
    INSERT INTO orders_product (id, tenant_id, code, name)
    SELECT (%(ids)s || to_hex(4294967296 + p.product))::uuid, %(tenant)s, p.code, p.name
    FROM (
        SELECT DISTINCT ON (p.code) p.* FROM pg_temp.prm_product p
        JOIN (SELECT DISTINCT l.product FROM pg_temp.prm_line l
              JOIN pg_temp.prm_change c USING (block) WHERE NOT c.is_refund
              UNION
              SELECT r.product FROM pg_temp.prm_refund r WHERE NOT r.is_held) used USING (product)
        WHERE p.code <> ''
        ORDER BY p.code, p.name = '', p.product DESC
    ) p
    ON CONFLICT (tenant_id, code) DO UPDATE SET name = EXCLUDED.name
    WHERE EXCLUDED.name <> '' AND orders_product.name <> EXCLUDED.name
    """,
    reads=("prm_product", "prm_line", "prm_change", "prm_refund"),
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
        placed_at, month, currency, amount, rate, rate_on, places, waits, units, refunded, refunded_units,
        state, sent_state, is_reversal, content_hash, credits, run_id)
    SELECT id, %(tenant)s, %(source)s, number, partner_id, code, partner_name, placed_at, month,
        currency, amount, rate, rate_on, places, waits, units, refunded, refunded_units,
        state, sent_state, is_reversal OR amount < 0, content_hash, credits, %(run)s
    FROM pg_temp.prm_change WHERE outcome = 'created' ORDER BY block
    """,
    reads=("prm_change",),
    writes=("orders_order",),
)

# What is about to be changed by a run, so that the run can be taken back; of several changes the first.
HOLD_BEFORE: Final = Statement(
    """
    INSERT INTO orders_heldbefore (id, tenant_id, run_id, held_id, revision, held, lines)
    SELECT (%(ids)s || to_hex(4294967296 + c.block))::uuid, %(tenant)s, %(run)s, o.id, o.revision + 1, to_jsonb(o),
           coalesce((SELECT jsonb_agg(to_jsonb(l)) FROM orders_orderline l
                     WHERE l.tenant_id = %(tenant)s AND l.order_id = o.id), '[]')
    FROM pg_temp.prm_change c JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = c.id
    WHERE c.outcome = 'corrected'
    ON CONFLICT (tenant_id, run_id, held_id) DO UPDATE SET revision = EXCLUDED.revision
    """,
    reads=("prm_change", "orders_order", "orders_orderline"),
    writes=("orders_heldbefore",),
)

UPDATE_ORDERS: Final = Statement(
    """
    UPDATE orders_order o SET partner_id = c.partner_id, code = c.code,
        partner_name = coalesce(nullif(c.partner_name, ''), o.partner_name),
        placed_at = c.placed_at, month = c.month, currency = c.currency, amount = c.amount,
        rate = c.rate, rate_on = c.rate_on, places = c.places, waits = c.waits,
        units = c.units, refunded = c.refunded, refunded_units = c.refunded_units,
        state = c.state, sent_state = c.sent_state, is_reversal = c.is_reversal OR c.amount < 0,
        content_hash = c.content_hash, credits = c.credits, run_id = %(run)s,
        is_ignored = o.is_ignored AND c.partner_id IS NULL, revision = o.revision + 1, updated_at = now()
    FROM pg_temp.prm_change c
    WHERE o.tenant_id = %(tenant)s AND o.id = c.id AND c.outcome = 'corrected'
    """,
    reads=("prm_change",),
    writes=("orders_order",),
)

DELETE_LINES: Final = Statement(
    """
    DELETE FROM orders_orderline l USING pg_temp.prm_change c
    WHERE l.tenant_id = %(tenant)s AND l.order_id = c.id AND c.outcome = 'corrected' AND NOT c.is_refund
      AND l.refund = ''
    """,
    reads=("prm_change",),
    writes=("orders_orderline",),
)

_LINES = """
    INSERT INTO orders_orderline
        (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at, state)
    SELECT %(tenant)s, c.id, {offset} + l.ordinal, p.id, CASE c.turn_units WHEN 1 THEN l.quantity ELSE -l.quantity END,
           l.unit_price, CASE c.turn WHEN 1 THEN l.amount ELSE -l.amount END, l.placed_at,
           CASE WHEN l.state <> coalesce(nullif(c.sent_state, ''), c.state) THEN l.state ELSE '' END
    FROM pg_temp.prm_line l
    JOIN pg_temp.prm_change c USING (block)
    LEFT JOIN pg_temp.prm_product_id p USING (product)
    WHERE NOT c.is_refund
    """

INSERT_LINES: Final = Statement(
    _LINES.replace("{offset} + ", ""),
    reads=("prm_line", "prm_change", "prm_product_id"),
    writes=("orders_orderline",),
)

# Behind the own lines that the order has already.
APPEND_LINES: Final = Statement(
    _LINES.replace(
        "{offset}",
        "coalesce((SELECT max(h.ordinal) FROM orders_orderline h"
        " WHERE h.tenant_id = %(tenant)s AND h.order_id = c.id AND h.refund = ''), 0)",
    ),
    reads=("prm_line", "prm_change", "prm_product_id", "orders_orderline"),
    writes=("orders_orderline",),
)

# Behind a million, where no line of a later version can meet them.
INSERT_REFUNDS: Final = Statement(
    """
    INSERT INTO orders_orderline
        (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at, refund)
    SELECT %(tenant)s, c.id,
           greatest(1000000, (SELECT max(h.ordinal) FROM orders_orderline h
                              WHERE h.tenant_id = %(tenant)s AND h.order_id = c.id))
               + row_number() OVER (PARTITION BY c.id ORDER BY r.block, r.ordinal),
           p.id, r.quantity, r.unit_price, r.amount, r.placed_at, r.key
    FROM pg_temp.prm_refund r JOIN pg_temp.prm_change c ON c.number = r.number
    LEFT JOIN pg_temp.prm_product_id p USING (product)
    WHERE NOT r.is_held
    """,
    reads=("prm_refund", "prm_change", "prm_product_id", "orders_orderline"),
    writes=("orders_orderline",),
)

# Content that is kept already is not kept twice; a line that was no longer missed, and is wrong again, waits again. One whose
# order comes without it in a later file of the run is not missed from the beginning.
KEEP_REJECTS: Final = Statement(
    """
    INSERT INTO orders_rejectedline (id, tenant_id, source_id, run_id, file_no, line_no, reason,
        field, "column", message, raw, fingerprint, number, variant, state, settled_in_id, settled_at)
    SELECT (%(ids)s || to_hex(4294967296 + row_number() OVER (ORDER BY file_no, line_no)))::uuid,
           %(tenant)s, %(source)s, %(run)s, file_no, line_no, reason, field, column_name, message,
           raw, fingerprint, number, variant, CASE WHEN is_over THEN 'superseded' ELSE 'open' END,
           CASE WHEN is_over THEN %(run)s::uuid END, CASE WHEN is_over THEN %(at)s::timestamptz END
    FROM (SELECT DISTINCT ON (fingerprint) * FROM pg_temp.prm_reject
          ORDER BY fingerprint, file_no DESC, line_no) r
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM pg_temp.prm_order o WHERE o.number = r.number AND r.number <> ''
                         AND o.lines > 0 AND o.file_no > r.file_no)
    ) v (is_over)
    ON CONFLICT (tenant_id, source_id, fingerprint) DO UPDATE
    SET state = 'open', settled_by = '', settled_at = NULL, settled_in_id = NULL, run_id = EXCLUDED.run_id,
        file_no = EXCLUDED.file_no, line_no = EXCLUDED.line_no
    WHERE orders_rejectedline.state = 'superseded' AND EXCLUDED.state = 'open'
    """,
    reads=("prm_reject", "prm_order"),
    writes=("orders_rejectedline",),
)

# The source sent these orders again, without the lines that wait: what it sent now is the whole order;
# a refund (no lines of its own) is not. A rejected line of an earlier file of the run does not come again.
SETTLE_REJECTS: Final = Statement(
    """
    UPDATE orders_rejectedline r
    SET state = 'superseded', settled_at = %(at)s::timestamptz, settled_in_id = %(run)s
    FROM pg_temp.prm_order o
    WHERE r.tenant_id = %(tenant)s AND r.source_id = %(source)s AND r.state = 'open'
      AND r.number = o.number AND r.number <> '' AND o.lines > 0
      AND NOT EXISTS (SELECT FROM pg_temp.prm_reject x
                      WHERE x.fingerprint = r.fingerprint AND x.file_no >= o.file_no)
    """,
    reads=("prm_order", "prm_reject"),
    writes=("orders_rejectedline",),
)

# Rejected now, and corrected by somebody while the file was read, or where corrections are not looked for.
CORRECTED_ALREADY: Final = Statement(
    """
    SELECT reason, line_no, corrected FROM (
        SELECT DISTINCT ON (r.id) r.reason, r.line_no, r.corrected, x.file_no, x.line_no AS place
        FROM orders_rejectedline r JOIN pg_temp.prm_reject x USING (fingerprint)
        WHERE r.tenant_id = %(tenant)s AND r.source_id = %(source)s AND r.state = 'corrected'
        ORDER BY r.id, x.file_no DESC, x.line_no
    ) c ORDER BY file_no, place
    """,
    reads=("orders_rejectedline", "prm_reject"),
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

COUNT_WAITING: Final = Statement(
    """
    SELECT count(*) FROM orders_order o
    WHERE o.tenant_id = %(tenant)s AND o.partner_id IS NULL AND o.code = ANY (%(codes)s)
      AND o.source_id IN (SELECT id FROM orders_ordersource
                          WHERE tenant_id = %(tenant)s AND scheme_key = %(scheme)s)
    """,
    reads=("orders_order", "orders_ordersource"),
)

# Orders that waited for a code which now is somebody's, in whatever source of the same scheme they came.
TIE_WAITING: Final = Statement(
    """
    WITH tied AS (
        UPDATE orders_order o SET partner_id = c.partner_id, is_ignored = false, revision = o.revision + 1,
            updated_at = now()
        FROM pg_temp.prm_code c
        WHERE o.tenant_id = %(tenant)s AND o.partner_id IS NULL AND o.code = c.normal
          AND c.normal = ANY (%(codes)s)
          AND o.source_id IN (SELECT id FROM orders_ordersource
                              WHERE tenant_id = %(tenant)s AND scheme_key = %(scheme)s)
        RETURNING o.id, o.partner_id, o.month
    ), given AS (INSERT INTO pg_temp.prm_given (order_id) SELECT id FROM tied)
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT partner_id, month FROM tied
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_code", "prm_touched", "orders_ordersource"),
    writes=("orders_order", "prm_touched", "prm_given"),
)

# What counts: every order that is not cancelled, in money and units; reversals are no orders. The money of an
# order that waits for a rate is left out; one that is too large to be added up is left out as a whole.
SUM_MONTHS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_month (partner_id, month, orders, units, revenue, first_on, last_on)
    SELECT o.partner_id, o.month,
           count(*) FILTER (WHERE NOT o.is_reversal), sum(o.units), coalesce(sum(o.counted), 0),
           min((o.placed_at AT TIME ZONE %(zone)s)::date) FILTER (WHERE NOT o.is_reversal),
           max((o.placed_at AT TIME ZONE %(zone)s)::date) FILTER (WHERE NOT o.is_reversal)
    FROM orders_order o JOIN pg_temp.prm_touched t ON t.partner_id = o.partner_id AND t.month = o.month
    WHERE o.tenant_id = %(tenant)s AND o.state <> 'cancelled' AND o.waits <> 'too_large'
    GROUP BY o.partner_id, o.month
    """,
    reads=("orders_order", "prm_touched"),
    writes=("prm_month",),
)

# --- shared credit ----------------------------------------------------------------------------------

ANY_SHARED: Final = Statement(
    """
    SELECT EXISTS (SELECT FROM orders_ordershare WHERE tenant_id = %(tenant)s),
           EXISTS (SELECT FROM orders_sharerule WHERE tenant_id = %(tenant)s),
           EXISTS (SELECT FROM orders_order WHERE tenant_id = %(tenant)s AND credits <> '')
    """,
    reads=("orders_ordershare", "orders_sharerule", "orders_order"),
)

# Orders that came to a partner, went from one, or are of another day (a rule may hold from a day on): shared anew where a
# rule had shared them.
FIND_GIVEN: Final = Statement(
    """
    INSERT INTO pg_temp.prm_given (order_id)
    SELECT c.id FROM pg_temp.prm_change c JOIN pg_temp.prm_order o USING (block)
    WHERE c.partner_id IS DISTINCT FROM c.held_partner OR c.placed_at IS DISTINCT FROM o.held_placed
       OR c.credits <> coalesce(o.held_credits, '')
    """,
    reads=("prm_change", "prm_order"),
    writes=("prm_given",),
)

# Orders that go back to another partner, or to another day, with the run that had changed them.
FIND_GIVEN_BACK: Final = Statement(
    """
    INSERT INTO pg_temp.prm_given (order_id)
    SELECT o.id FROM orders_heldbefore b JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = b.held_id
    WHERE b.tenant_id = %(tenant)s AND b.run_id = %(run)s
      AND ((b.held ->> 'partner_id')::uuid IS DISTINCT FROM o.partner_id
           OR (b.held ->> 'placed_at')::timestamptz <> o.placed_at
           OR coalesce(b.held ->> 'credits', '') <> o.credits)
    """,
    reads=("orders_heldbefore", "orders_order"),
    writes=("prm_given",),
)

# Both parts of an order in one statement, since they make 100 together.
SHARE_GIVEN: Final = Statement(
    """
    INSERT INTO orders_ordershare (id, tenant_id, order_id, partner_id, percent, origin, rule_id, month)
    SELECT (%(ids)s || to_hex(4294967296 + row_number() OVER (ORDER BY o.id, p.place)))::uuid, %(tenant)s, o.id,
           p.partner_id, p.percent, 'rule', r.rule_id, o.month
    FROM pg_temp.prm_given g
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = g.order_id
    JOIN pg_temp.prm_ruled r ON r.partner_id = o.partner_id
    CROSS JOIN LATERAL (VALUES (1, o.partner_id, 100 - r.percent), (2, r.to_id, r.percent)) p (place, partner_id, percent)
    WHERE NOT o.is_shared AND o.credits = '' AND (r.since IS NULL OR (o.placed_at AT TIME ZONE %(zone)s)::date >= r.since)
    """,
    reads=("prm_given", "orders_order", "prm_ruled"),
    writes=("orders_ordershare",),
)

# The months of all who have a part in an order of which any month is to be made true: where the part counts, and
# where it should.
FIND_SHARED: Final = Statement(
    """
    INSERT INTO pg_temp.prm_shared (order_id)
    SELECT o.id FROM pg_temp.prm_touched t
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.partner_id = t.partner_id AND o.month = t.month
    WHERE o.is_shared
    UNION
    SELECT s.order_id FROM pg_temp.prm_touched t
    JOIN orders_ordershare s ON s.tenant_id = %(tenant)s AND s.partner_id = t.partner_id AND s.month = t.month
    """,
    reads=("prm_touched", "orders_order", "orders_ordershare"),
    writes=("prm_shared",),
)

TOUCH_SHARED: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT s.partner_id, m.month FROM pg_temp.prm_shared x
    JOIN orders_ordershare s ON s.tenant_id = %(tenant)s AND s.order_id = x.order_id
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = x.order_id
    CROSS JOIN LATERAL (VALUES (s.month), (o.month)) m (month)
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_shared", "prm_touched", "orders_order", "orders_ordershare"),
    writes=("prm_touched",),
)

MOVE_SHARES: Final = Statement(
    """
    UPDATE orders_ordershare s SET month = o.month
    FROM pg_temp.prm_shared x JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = x.order_id
    WHERE s.tenant_id = %(tenant)s AND s.order_id = x.order_id AND s.month <> o.month
    """,
    reads=("prm_shared", "orders_order"),
    writes=("orders_ordershare",),
)

# Largest remainder, as `orders.book.shares.parts_of`: each part is rounded down to the smallest money, what is left goes
# to those that lost most by it, one unit each; what is smaller than any money goes to the largest part.
SUM_PARTS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_part (order_id, partner_id, counted, units)
    SELECT order_id, partner_id,
           sign * (floored + CASE WHEN place <= (whole - sum(floored) OVER w) * scale THEN 1 / scale ELSE 0 END
                   + CASE WHEN first = 1 THEN size - whole ELSE 0 END),
           unit_sign * (unit_floored
                + CASE WHEN unit_place <= (unit_size - sum(unit_floored) OVER w) * 10000 THEN 0.0001 ELSE 0 END)
    FROM (
        SELECT f.*,
               row_number() OVER (PARTITION BY order_id ORDER BY exact - floored DESC, percent DESC, id) AS place,
               row_number() OVER (PARTITION BY order_id ORDER BY unit_exact - unit_floored DESC, percent DESC, id)
                   AS unit_place,
               row_number() OVER (PARTITION BY order_id ORDER BY percent DESC, id) AS first
        FROM (
            SELECT s.order_id, s.partner_id, s.id, s.percent, k.scale, a.size, w.whole, sign(o.counted) AS sign,
                   w.whole * s.percent / 100 AS exact, floor(w.whole * s.percent / 100 * k.scale) / k.scale AS floored,
                   abs(o.units) AS unit_size, sign(o.units) AS unit_sign, abs(o.units) * s.percent / 100 AS unit_exact,
                   floor(abs(o.units) * s.percent * 100) / 10000 AS unit_floored
            FROM pg_temp.prm_shared x
            JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = x.order_id
            JOIN orders_ordershare s ON s.tenant_id = %(tenant)s AND s.order_id = x.order_id
            CROSS JOIN LATERAL (SELECT 10::numeric ^ %(places)s::int) k (scale)
            CROSS JOIN LATERAL (SELECT abs(coalesce(o.counted, 0))) a (size)
            CROSS JOIN LATERAL (SELECT trunc(a.size, %(places)s::int)) w (whole)
            WHERE o.partner_id IS NOT NULL AND o.state <> 'cancelled' AND o.waits <> 'too_large'
        ) f
    ) r
    WINDOW w AS (PARTITION BY order_id)
    """,
    reads=("prm_shared", "orders_order", "orders_ordershare"),
    writes=("prm_part",),
)

# As `SUM_MONTHS`, where some orders are shared: each counts, as an order, for everybody who has a part in it.
SUM_SHARED_MONTHS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_month (partner_id, month, orders, units, revenue, first_on, last_on)
    SELECT partner_id, month, count(DISTINCT id) FILTER (WHERE NOT is_reversal), sum(units), coalesce(sum(counted), 0),
           min(day) FILTER (WHERE NOT is_reversal), max(day) FILTER (WHERE NOT is_reversal)
    FROM (
        SELECT o.id, o.partner_id, o.month, o.is_reversal, o.units, o.counted,
               (o.placed_at AT TIME ZONE %(zone)s)::date AS day
        FROM orders_order o JOIN pg_temp.prm_touched t ON t.partner_id = o.partner_id AND t.month = o.month
        WHERE o.tenant_id = %(tenant)s AND o.state <> 'cancelled' AND o.waits <> 'too_large' AND NOT o.is_shared
        UNION ALL
        SELECT o.id, p.partner_id, o.month, o.is_reversal, p.units, p.counted,
               (o.placed_at AT TIME ZONE %(zone)s)::date
        FROM pg_temp.prm_part p JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = p.order_id
        JOIN pg_temp.prm_touched t ON t.partner_id = p.partner_id AND t.month = o.month
    ) c
    GROUP BY partner_id, month
    """,
    reads=("orders_order", "prm_touched", "prm_part"),
    writes=("prm_month",),
)

# One row: the largest month, by money or units; how many months the orders span; whether any order is set aside.
LARGEST_MONTH: Final = Statement(
    """
    SELECT (SELECT coalesce(max(greatest(abs(revenue), abs(units))), 0) FROM pg_temp.prm_month),
           (SELECT coalesce((extract(epoch FROM max(placed_at) - min(placed_at)) / 2400000)::int + 2, 2)
            FROM orders_order WHERE tenant_id = %(tenant)s),
           EXISTS (SELECT 1 FROM orders_order
                   WHERE tenant_id = %(tenant)s AND waits <> '' AND waits = 'too_large')
    """,
    reads=("prm_month", "orders_order"),
)

# All who have credit in an order that waits are among them, so that none goes back for one of them and is too much
# for another.
FIND_FULL: Final = Statement(
    """
    INSERT INTO pg_temp.prm_full (partner_id)
    SELECT partner_id FROM pg_temp.prm_month
    WHERE greatest(abs(revenue), abs(units)) >= %(limit)s
    UNION
    SELECT c.partner_id FROM orders_order o
    LEFT JOIN orders_ordershare s ON s.tenant_id = %(tenant)s AND s.order_id = o.id
    CROSS JOIN LATERAL (VALUES (o.partner_id), (s.partner_id)) c (partner_id)
    WHERE o.tenant_id = %(tenant)s AND o.waits <> '' AND o.waits = 'too_large' AND c.partner_id IS NOT NULL
    """,
    reads=("prm_month", "orders_order", "orders_ordershare"),
    writes=("prm_full",),
)

# Of each such partner as many orders, and parts of orders, count as a sum can hold, the small ones first; the others
# wait. An order of which one part is too much waits as a whole: its parts are to sum to it.
SET_ASIDE: Final = Statement(
    """
    WITH credit AS (
        SELECT o.id, o.partner_id, 1::numeric AS part
        FROM orders_order o JOIN pg_temp.prm_full f ON f.partner_id = o.partner_id
        WHERE o.tenant_id = %(tenant)s AND NOT o.is_shared
        UNION ALL
        SELECT s.order_id, s.partner_id, s.percent / 100
        FROM orders_ordershare s JOIN pg_temp.prm_full f ON f.partner_id = s.partner_id
        WHERE s.tenant_id = %(tenant)s
    ), sized AS (
        SELECT o.id, abs(o.amount) >= %(limit)s / coalesce(o.rate, 1) AS alone,
               sum(greatest(abs(o.amount) * coalesce(o.rate, 1) * c.part + 1, abs(o.units) * c.part + 1)) OVER (
                   PARTITION BY c.partner_id
                   ORDER BY greatest(abs(o.amount) * coalesce(o.rate, 1), abs(o.units)) * c.part, o.placed_at, o.number,
                            o.id)
                   AS so_far
        FROM credit c JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = c.id
        WHERE o.partner_id IS NOT NULL AND o.state <> 'cancelled' AND o.waits IN ('', 'too_large')
    ), wanted AS (
        SELECT id, CASE WHEN bool_or(alone OR so_far >= %(limit)s) THEN 'too_large' ELSE '' END AS waits
        FROM sized GROUP BY id
    )
    UPDATE orders_order o SET waits = w.waits, updated_at = now()
    FROM wanted w
    WHERE o.tenant_id = %(tenant)s AND o.id = w.id AND o.waits <> w.waits
    """,
    reads=("prm_full", "orders_order", "orders_ordershare"),
    writes=("orders_order",),
)

# The months of those who have parts in the same orders follow by `TOUCH_SHARED`.
TOUCH_ALL: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT o.partner_id, o.month FROM orders_order o JOIN pg_temp.prm_full f ON f.partner_id = o.partner_id
    WHERE o.tenant_id = %(tenant)s
    UNION
    SELECT s.partner_id, s.month FROM orders_ordershare s JOIN pg_temp.prm_full f ON f.partner_id = s.partner_id
    WHERE s.tenant_id = %(tenant)s
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("orders_order", "orders_ordershare", "prm_full", "prm_touched"),
    writes=("prm_touched",),
)

STATEMENTS: Final = {
    name: thing for name, thing in globals().items() if isinstance(thing, Statement)
} | parts_sql.STATEMENTS
