"""The statements of an import, in the order in which they run; those that write are in `merging/sql.py`.

Each says what it reads and what it writes; a test compares that with its text and PREPAREs it on a
real database. Only orders that are new or whose content hash differs are looked at beyond COMPARE,
so that sending the same again costs little and writes nothing.

Ids of many rows in one statement: `(%(ids)s || to_hex(4294967296 + n))::uuid`, see `prm.core.ids.id_stem`.
"""

from typing import Final

from orders.ingest import credits_sql, forecast_sql
from orders.ingest.statement import Statement
from prm.core.ids import named_id_sql

#: The parameters of all statements, by name, with their types in PostgreSQL.
PARAMETERS: Final = {
    "at": "timestamptz", "tenant": "uuid", "source": "uuid", "run": "uuid", "zone": "text", "append": "boolean",
    "currency": "text", "places": "int", "oldest": "int", "limit": "numeric", "ids": "text", "creates": "boolean",
    "numbers": "text[]", "hashes": "text[]", "scheme": "text", "codes": "text[]", "places_of": "text[]", "raws": "text[]", "file_no": "int", "lines": "int[]",
}  # fmt: skip

# --- reading: orders that are held as they come ----------------------------------------------------

ANY_HELD: Final = Statement(
    "SELECT EXISTS (SELECT FROM orders_order WHERE tenant_id = %(tenant)s AND source_id = %(source)s)",
    reads=("orders_order",),
)

# Which of some orders, by number and content hash, are held so.
HELD: Final = Statement(
    """
    SELECT o.number, o.content_hash
    FROM unnest(%(numbers)s::text[], %(hashes)s::text[]) AS b (number, content_hash) JOIN orders_order o
    ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number COLLATE "C" AND o.content_hash = b.content_hash
    """,
    reads=("orders_order",),
)

# --- staging: orders whose lines are not consecutive ----------------------------------------------

COUNT_BLOCKS: Final = Statement("SELECT count(*) FROM pg_temp.prm_block", reads=("prm_block",))

FIND_SCATTERED: Final = Statement(
    """
    INSERT INTO pg_temp.prm_scattered (block, file_no, number, code, partner_name, currency, state, blanks)
    SELECT b.block, file_no, number, b.code, b.partner_name, b.currency, b.state, b.blanks
    FROM pg_temp.prm_block b JOIN (
        SELECT file_no, number FROM pg_temp.prm_block GROUP BY file_no, number HAVING count(*) > 1
    ) d USING (file_no, number)
    """,
    reads=("prm_block",),
    writes=("prm_scattered",),
)

ANY_LEFT_OUT_SCATTERED: Final = Statement(
    "SELECT EXISTS (SELECT FROM pg_temp.prm_scattered JOIN pg_temp.prm_block b USING (block) WHERE b.is_left_out)",
    reads=("prm_scattered", "prm_block"),
)

# Their lines in the order of the file, each as `orders.ingest.scattered.ScatteredLine`, with the code that
# the line itself named.
SCATTERED_LINES: Final = Statement(
    """
    SELECT b.file_no, l.line_no, b.number,
           CASE WHEN l.ordinal = ANY (b.blanks) THEN '' ELSE b.code END, b.partner_name, b.currency, b.state,
           to_char(l.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00', l.product,
           coalesce(p.code, ''), coalesce(p.name, ''), l.quantity, l.unit_price, l.given, l.state, l.mark,
           l.by_hand::int
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

# A refund that came before its order said whose it is; an order without a code keeps that.
COMPARE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_order
    SELECT b.block, b.file_no, b.first_line, b.number,
           CASE WHEN b.code = '' AND o.content_hash = '' THEN o.code ELSE b.code END,
           b.partner_name, b.currency, b.state, b.lines_before, b.lines, b.repeats, b.is_reversal, b.is_refund,
           b.content_hash, o.id, o.partner_id, o.code, o.month, o.currency, o.amount, o.counted, o.units,
           o.refunded, o.refunded_units, o.state, o.sent_state, o.placed_at, o.content_hash,
           CASE WHEN o.id IS NULL THEN 'created'
                WHEN o.content_hash = b.content_hash AND NOT %(append)s THEN 'unchanged'
                ELSE 'corrected' END,
           o.credits, ''
    FROM (SELECT DISTINCT ON (number) * FROM pg_temp.prm_block WHERE NOT is_refund
          ORDER BY number, file_no DESC) b
    LEFT JOIN orders_order o
        ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number
    """,
    reads=("prm_block", "orders_order"),
    writes=("prm_order",),
)

# Equal lines of one document are told apart by counting them, so that the n-th of any document is the n-th of
# all: taken once, whichever file brings it first, and however often. What a person corrected was added then. Lines
# that are held are looked up order by order, by their key: a join would read all lines of the tenant.
FIND_REFUNDS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_refund
        (block, ordinal, number, key, is_held, placed_at, product, quantity, unit_price, amount, state)
    SELECT DISTINCT ON (number, key) block, ordinal, number, key,
           EXISTS (SELECT 1 FROM orders_orderline h
                   WHERE h.tenant_id = %(tenant)s AND h.order_id = k.order_id AND h.refund = k.key),
           placed_at, product, quantity, unit_price, amount, state
    FROM (
        SELECT l.block, l.ordinal, l.placed_at, l.product, l.quantity, l.unit_price, l.amount, l.state,
               b.number, b.file_no, o.id AS order_id, md5(concat_ws('|',
                   extract(epoch FROM l.placed_at), coalesce(p.code, ''),
                   CASE WHEN coalesce(p.code, '') = '' THEN coalesce(p.name, '') END, trim_scale(l.quantity),
                   trim_scale(l.amount), b.currency,
                   row_number() OVER (PARTITION BY l.block, l.placed_at, p.code, p.name, l.quantity, l.amount
                                      ORDER BY l.ordinal))) AS key
        FROM pg_temp.prm_block b JOIN pg_temp.prm_line l USING (block)
        LEFT JOIN pg_temp.prm_product p USING (product)
        LEFT JOIN orders_order o
            ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number
        WHERE b.is_refund AND NOT l.by_hand
    ) k
    ORDER BY number, key, file_no, block
    """,
    reads=("prm_block", "prm_line", "prm_product", "orders_order", "orders_orderline"),
    writes=("prm_refund",),
)

# Orders of which nothing but refunds came: their own lines stay, so the row holds what is held.
COMPARE_REFUNDS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_order
    SELECT DISTINCT ON (b.number) b.block, b.file_no, b.first_line, b.number,
           coalesce(nullif(o.code, ''), b.code),
           b.partner_name, coalesce(o.currency, b.currency), b.state, b.lines_before, 0, 0, b.is_reversal, true,
           coalesce(o.content_hash, ''), o.id, o.partner_id, o.code, o.month, o.currency, o.amount, o.counted,
           o.units, o.refunded, o.refunded_units, o.state, o.sent_state, o.placed_at, o.content_hash,
           CASE WHEN o.id IS NULL THEN 'created' ELSE 'corrected' END, o.credits, ''
    FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
    LEFT JOIN orders_order o
        ON o.tenant_id = %(tenant)s AND o.source_id = %(source)s AND o.number = b.number
    WHERE NOT r.is_held AND NOT EXISTS (SELECT 1 FROM pg_temp.prm_order m WHERE m.number = b.number)
    ORDER BY b.number, b.code = '', b.file_no, b.block
    """,
    reads=("prm_refund", "prm_block", "orders_order", "prm_order"),
    writes=("prm_order",),
)

# Known versions of orders that have new refunds: their lines are left alone.
SUPERSEDE_BY_REFUNDS: Final = Statement(
    """
    UPDATE pg_temp.prm_order o SET is_refund = true, outcome = 'corrected'
    WHERE outcome = 'unchanged'
      AND EXISTS (SELECT 1 FROM pg_temp.prm_refund r WHERE r.number = o.number AND NOT r.is_held)
    """,
    reads=("prm_refund",),
    writes=("prm_order",),
)

# Whether an order is to be written whose lines were left out: another version was taken while this file was read.
ANY_LEFT_OUT_CHANGES: Final = Statement(
    """
    SELECT EXISTS (SELECT FROM pg_temp.prm_block b JOIN pg_temp.prm_order o USING (block)
                   WHERE b.is_left_out AND o.outcome <> 'unchanged' AND NOT o.is_refund)
    """,
    reads=("prm_block", "prm_order"),
)

# A refund that comes with its order, as one that came before it, says whose an order without a code is.
TAKE_CODES_OF_REFUNDS: Final = Statement(
    """
    UPDATE pg_temp.prm_order o SET code = c.code
    FROM (SELECT DISTINCT ON (b.number) b.number, b.code FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
          WHERE b.code <> '' ORDER BY b.number, b.file_no, b.block) c
    WHERE o.number = c.number AND o.code = '' AND o.outcome <> 'unchanged'
    """,
    reads=("prm_refund", "prm_block"),
    writes=("prm_order",),
)

# One row, as `orders.ingest.merging.compare.Compared`.
COUNT_OUTCOMES: Final = Statement(
    """
    SELECT o.created, o.corrected, o.unchanged, b.superseded, o.stored + r.stored, o.known + r.known,
           b.lines - o.stored - o.known - r.stored - r.known
    FROM (
        SELECT count(*) FILTER (WHERE outcome = 'created') AS created,
               count(*) FILTER (WHERE outcome = 'corrected') AS corrected,
               count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
               coalesce(sum(lines) FILTER (WHERE outcome <> 'unchanged' AND NOT is_refund), 0) AS stored,
               coalesce(sum(lines) FILTER (WHERE outcome = 'unchanged' OR is_refund), 0) AS known
        FROM pg_temp.prm_order
    ) o CROSS JOIN (
        SELECT count(*) FILTER (WHERE NOT is_held) AS stored, count(*) FILTER (WHERE is_held) AS known
        FROM pg_temp.prm_refund
    ) r CROSS JOIN (
        SELECT count(*) FILTER (WHERE NOT b.is_refund AND o.block IS NULL) AS superseded,
               coalesce(sum(b.lines), 0) AS lines
        FROM pg_temp.prm_block b LEFT JOIN pg_temp.prm_order o USING (block)
    ) b
    """,
    reads=("prm_block", "prm_order", "prm_refund"),
)

OUTCOMES: Final = Statement("SELECT number, outcome FROM pg_temp.prm_order", reads=("prm_order",))

# A cancelled line of an order that stands does not count. A reversal counts negative as a whole: lines of both
# signs in it stay against each other.
SUM_UP: Final = Statement(
    """
    INSERT INTO pg_temp.prm_sum (block, amount, units, turn, turn_units, placed_at, largest)
    SELECT block,
           CASE WHEN is_reversal THEN -abs(amount) ELSE amount END,
           CASE WHEN is_reversal THEN -abs(units) ELSE units END,
           CASE WHEN is_reversal AND amount > 0 THEN -1 ELSE 1 END,
           CASE WHEN is_reversal AND units > 0 THEN -1 ELSE 1 END,
           placed_at, largest
    FROM (
        SELECT l.block, b.is_reversal,
               coalesce(sum(l.amount) FILTER (WHERE b.state = 'cancelled' OR l.state IS DISTINCT FROM 'cancelled'), 0)
                   AS amount,
               coalesce(sum(l.quantity) FILTER (WHERE b.state = 'cancelled' OR l.state IS DISTINCT FROM 'cancelled'), 0)
                   AS units,
               min(l.placed_at) AS placed_at, max(abs(l.amount)) AS largest
        FROM pg_temp.prm_line l JOIN pg_temp.prm_block b USING (block)
        JOIN pg_temp.prm_order o ON o.block = b.block AND o.outcome <> 'unchanged' AND NOT o.is_refund
        GROUP BY l.block, b.is_reversal
    ) s
    """,
    reads=("prm_line", "prm_block", "prm_order"),
    writes=("prm_sum",),
)

SUM_REFUNDS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_refund_sum (number, amount, units, placed_at, state, largest, lines, refunded, refunded_units)
    SELECT r.number, sum(r.amount), sum(r.quantity), min(r.placed_at), max(coalesce(r.state, 'completed')),
           max(abs(r.amount)), count(*), sum(r.amount), sum(r.quantity)
    FROM pg_temp.prm_refund r
    WHERE NOT r.is_held GROUP BY r.number
    """,
    reads=("prm_refund",),
    writes=("prm_refund_sum",),
)

# --- refuse: versions that cannot be taken; what was good before stays -----------------------------

# Amounts that no money field can hold: of an order's own lines, or of what its refunds leave.
FIND_TOO_LARGE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_refused (block, reason, field, message)
    SELECT o.block, 'number_too_large', 'amount', 'The amount of order ' || o.number || ' is too large.'
    FROM pg_temp.prm_order o JOIN pg_temp.prm_sum s USING (block)
    WHERE greatest(s.largest, abs(s.amount), abs(s.units),
                   CASE WHEN %(append)s THEN abs(coalesce(o.held_amount, 0) + s.amount) END,
                   CASE WHEN %(append)s THEN abs(coalesce(o.held_units, 0) + s.units) END) >= %(limit)s
    UNION ALL
    SELECT DISTINCT f.block, 'number_too_large', 'amount', 'The refund of order ' || o.number || ' is too large.'
    FROM pg_temp.prm_refund f JOIN pg_temp.prm_refund_sum r USING (number) JOIN pg_temp.prm_order o USING (number)
    LEFT JOIN pg_temp.prm_sum s ON s.block = o.block
    WHERE NOT f.is_held
      AND greatest(r.largest, abs(coalesce(o.held_refunded, 0) + r.amount),
                   abs(coalesce(o.held_refunded_units, 0) + r.units),
                   abs(coalesce(s.amount + coalesce(o.held_refunded, 0), o.held_amount, 0) + r.amount),
                   abs(coalesce(s.units + coalesce(o.held_refunded_units, 0), o.held_units, 0) + r.units))
          >= %(limit)s
    """,
    reads=("prm_order", "prm_sum", "prm_refund", "prm_refund_sum"),
    writes=("prm_refused",),
)

# Money that would be taken off, or added to, an order in another currency.
FIND_OTHER_MONEY: Final = Statement(
    """
    INSERT INTO pg_temp.prm_refused (block, reason, field, message)
    SELECT DISTINCT b.block, 'two_currencies', 'currency',
           'Order ' || o.number || ' is in ' || o.currency || '; this is in ' || b.currency || '.'
    FROM pg_temp.prm_refund r JOIN pg_temp.prm_block b USING (block)
    JOIN pg_temp.prm_order o ON o.number = b.number
    WHERE NOT r.is_held AND b.currency <> o.currency
    UNION ALL
    SELECT o.block, 'two_currencies', 'currency',
           'Order ' || o.number || ' is held in ' || o.held_currency || '; this line is in ' || o.currency || '.'
    FROM pg_temp.prm_order o
    WHERE o.currency <> o.held_currency AND (%(append)s OR o.held_refunded <> 0)
    """,
    reads=("prm_refund", "prm_block", "prm_order"),
    writes=("prm_refused",),
)

# Lines by reason; a block that is refused for two reasons counts once.
COUNT_REFUSED: Final = Statement(
    """
    SELECT f.reason, sum(b.lines)
    FROM (SELECT DISTINCT ON (block) block, reason FROM pg_temp.prm_refused ORDER BY block, reason) f
    JOIN pg_temp.prm_block b USING (block) GROUP BY f.reason
    """,
    reads=("prm_refused", "prm_block"),
)

# Each line with its reason; how many rows it wrote is how many lines were refused.
REFUSE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_reject
        (file_no, line_no, reason, field, column_name, message, raw, fingerprint, number)
    SELECT b.file_no, l.line_no, f.reason, f.field, '', f.message,
           jsonb_strip_nulls(jsonb_build_object('staged', '', 'number', b.number, 'code', b.code,
                'partner_name', b.partner_name,
                'date', to_char(l.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00',
                'product_code', p.code, 'product_name', p.name,
                'quantity', l.quantity::text, 'unit_price', l.unit_price::text, 'amount', l.given::text,
                'currency', b.currency, 'state', coalesce(l.state, b.state))),
           md5(b.content_hash || ' ' || f.reason || ' ' || l.ordinal), b.number
    FROM (SELECT DISTINCT ON (block) * FROM pg_temp.prm_refused ORDER BY block, reason) f
    JOIN pg_temp.prm_block b USING (block) JOIN pg_temp.prm_line l USING (block)
    LEFT JOIN pg_temp.prm_product p USING (product)
    """,
    reads=("prm_line", "prm_block", "prm_product", "prm_refused"),
    writes=("prm_reject",),
)

# Lines that were just refused, of which there is nothing but what is staged; and their cells as the source writes them.
SOME_STAGED: Final = Statement(
    "SELECT ctid::text, raw::text FROM pg_temp.prm_reject WHERE raw ? 'staged' LIMIT 2000",
    reads=("prm_reject",),
)

WRITE_CELLS: Final = Statement(
    """
    UPDATE pg_temp.prm_reject r SET raw = w.raw::jsonb
    FROM unnest(%(places_of)s::text[], %(raws)s::text[]) AS w (place, raw) WHERE r.ctid = w.place::tid
    """,
    writes=("prm_reject",),
)

REFUSALS: Final = Statement(
    "SELECT DISTINCT ON (file_no) file_no, field, message, reason FROM pg_temp.prm_reject ORDER BY file_no, line_no",
    reads=("prm_reject",),
)

DROP_REFUSED: Final = Statement(
    "DELETE FROM pg_temp.prm_block WHERE block IN (SELECT block FROM pg_temp.prm_refused)",
    reads=("prm_refused",),
    writes=("prm_block",),
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

# Refunds are taken off whatever an order itself comes to, so that it does not matter which comes first; one that leaves
# nothing cancels it. A partner tied by hand stays while the code stays and is nobody else's. With `append` lines are added.
ATTRIBUTE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_change (block, lines, number, outcome, is_refund, partner_name, currency,
        held_partner, held_month, id, code, partner_id, placed_at, month, amount, units, turn, turn_units,
        refunded, refunded_units, state, sent_state, is_reversal, content_hash, credits)
    SELECT o.block, CASE WHEN o.is_refund THEN 0 ELSE o.lines END + coalesce(r.lines, 0), o.number, o.outcome,
           o.is_refund, o.partner_name, o.currency,
           o.held_partner, o.held_month,
           coalesce(o.held_id, {named}),
           CASE WHEN %(append)s AND o.held_id IS NOT NULL THEN coalesce(nullif(o.held_code, ''), o.code)
                ELSE o.code END,
           coalesce(c.partner_id, CASE WHEN o.held_code = o.code OR %(append)s THEN o.held_partner END),
           p.placed_at,
           date_trunc('month', p.placed_at AT TIME ZONE %(zone)s)::date,
           a.amount, a.units, coalesce(s.turn, 1), coalesce(s.turn_units, 1), a.refunded, a.refunded_units,
           CASE WHEN a.refunded < 0 AND a.amount = 0 AND t.has_own THEN 'cancelled' ELSE t.state END,
           CASE WHEN a.refunded < 0 AND a.amount = 0 AND t.has_own THEN t.state ELSE '' END,
           o.is_reversal,
           CASE WHEN %(append)s OR o.is_refund THEN coalesce(o.held_hash, o.content_hash) ELSE o.content_hash END,
           CASE WHEN %(append)s OR o.is_refund OR (o.held_hash = '' AND o.code = o.held_code)
                THEN coalesce(nullif(o.held_credits, ''), o.credits) ELSE o.credits END
    FROM pg_temp.prm_order o LEFT JOIN pg_temp.prm_sum s USING (block)
    LEFT JOIN pg_temp.prm_refund_sum r ON r.number = o.number
    CROSS JOIN LATERAL (SELECT coalesce(nullif(o.held_sent_state, ''), o.held_state) <> 'cancelled') h (stands)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN o.is_refund THEN coalesce(o.held_amount, 0) + coalesce(r.amount, 0)
                    WHEN NOT %(append)s THEN s.amount + coalesce(o.held_refunded, 0) + coalesce(r.amount, 0)
                    WHEN o.state = 'cancelled' AND h.stands THEN o.held_amount
                    ELSE coalesce(o.held_amount, 0) + s.amount END,
               CASE WHEN o.is_refund THEN coalesce(o.held_units, 0) + coalesce(r.units, 0)
                    WHEN NOT %(append)s THEN s.units + coalesce(o.held_refunded_units, 0) + coalesce(r.units, 0)
                    WHEN o.state = 'cancelled' AND h.stands THEN o.held_units
                    ELSE coalesce(o.held_units, 0) + s.units END,
               coalesce(o.held_refunded, 0) + coalesce(r.refunded, 0),
               coalesce(o.held_refunded_units, 0) + coalesce(r.refunded_units, 0)
    ) a (amount, units, refunded, refunded_units)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN o.is_refund THEN
                        CASE WHEN o.held_hash <> '' THEN o.held_placed ELSE least(o.held_placed, r.placed_at) END
                    WHEN %(append)s THEN least(o.held_placed, s.placed_at)
                    ELSE s.placed_at END
    ) p (placed_at)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.whole_state IS NOT NULL THEN r.whole_state
                    WHEN NOT o.is_refund AND NOT (%(append)s AND o.held_id IS NOT NULL) THEN o.state
                    WHEN coalesce(o.held_hash, '') = '' AND o.is_refund THEN greatest(o.held_state, r.state)
                    ELSE coalesce(nullif(o.held_sent_state, ''), o.held_state) END,
               NOT o.is_refund OR o.held_hash <> ''
    ) t (state, has_own)
    LEFT JOIN pg_temp.prm_code c ON c.normal = o.code
    WHERE o.outcome <> 'unchanged'
    ORDER BY o.block
    """.replace("{named}", named_id_sql("order", "%(source)s::text", "o.number")),  # nosec B608 # names are our own, values are parameters
    reads=("prm_order", "prm_sum", "prm_refund_sum", "prm_code"),
    writes=("prm_change",),
)

COUNT_FOREIGN: Final = Statement(
    "SELECT count(*) FROM pg_temp.prm_change WHERE currency <> %(currency)s", reads=("prm_change",)
)

# What is in another currency than the tenant's counts at the last rate on or before its day there.
CONVERT: Final = Statement(
    """
    UPDATE pg_temp.prm_change c
    SET rate = x.rate, rate_on = x.since, places = CASE WHEN x.rate IS NOT NULL THEN %(places)s END,
        waits = x.waits
    FROM pg_temp.prm_change d
    CROSS JOIN LATERAL (SELECT (d.placed_at AT TIME ZONE %(zone)s)::date) o (day)
    LEFT JOIN LATERAL (
        SELECT e.rate, e.since FROM orders_exchangerate e
        WHERE e.tenant_id = %(tenant)s AND e.currency = d.currency AND e.into = %(currency)s AND e.since <= o.day
        ORDER BY e.since DESC LIMIT 1
    ) e ON true
    CROSS JOIN LATERAL (SELECT coalesce(o.day - e.since > %(oldest)s, false)) old (is_old)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN NOT is_old THEN e.rate END, CASE WHEN NOT is_old THEN e.since END,
               CASE WHEN e.rate IS NULL THEN 'no_rate' WHEN is_old THEN 'old_rate'
                    WHEN abs(d.amount) >= %(limit)s / e.rate THEN 'too_large' ELSE '' END
    ) x (rate, since, waits)
    WHERE c.block = d.block AND d.currency <> %(currency)s
    """,
    reads=("prm_change", "orders_exchangerate"),
    writes=("prm_change",),
)

# How many days a rate may be older than an order, NULL for any number.
OLDEST_DAYS: Final = Statement(
    "SELECT min(oldest_days) FROM orders_ratepolicy WHERE tenant_id = %(tenant)s",
    reads=("orders_ratepolicy",),
)

# One row, as `orders.ingest.merging.attribute.Attributed`.
COUNT_ATTRIBUTION: Final = Statement(
    """
    SELECT count(*) FILTER (WHERE state = 'cancelled' OR is_reversal OR amount < 0),
           count(*) FILTER (WHERE partner_id IS NULL),
           coalesce(sum(lines) FILTER (WHERE partner_id IS NULL), 0),
           count(DISTINCT code) FILTER (WHERE partner_id IS NULL AND code <> '')
    FROM pg_temp.prm_change
    """,
    reads=("prm_change",),
)

STATEMENTS: Final = (
    {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
    | forecast_sql.STATEMENTS
    | credits_sql.STATEMENTS
)
