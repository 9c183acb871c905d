"""Set-based sums and differences. Orders are never read one by one: a day, a month or all of them, one statement each."""

from typing import Final

from orders.ingest.statement import Statement

PARAMETERS: Final = {
    "tenant": "uuid",
    "zone": "text",
    "begin": "timestamptz",
    "end": "timestamptz",
    "first": "date",
    "last": "date",
    "source": "uuid",
    "currency": "text",
    "since": "timestamptz",
    "late": "timestamptz",
    "mapping": "text",
    "state_there": "text",
    "counts_there": "text",
    "amount_there": "text",
    "currency_there": "text",
    "day_there": "text",
    "cause": "text",
    "limit": "int",
    "offset": "int",
}

# The orders placed from `begin` (inclusive) to `end`, of one source or all, with what of them is known in Salesforce.
_BOTH: Final = """
    o AS (
        SELECT o.id, o.source_id, (o.placed_at AT TIME ZONE %(zone)s)::date AS day, o.currency, o.number, o.code,
               o.amount, o.counted, o.rate, o.waits, o.state <> 'cancelled' AS stands, o.partner_id, o.is_ignored, o.is_shared
        FROM orders_order o
        WHERE o.tenant_id = %(tenant)s
          AND (%(begin)s::timestamptz IS NULL OR o.placed_at >= %(begin)s)
          AND (%(end)s::timestamptz IS NULL OR o.placed_at < %(end)s)
          AND (%(source)s::uuid IS NULL OR o.source_id = %(source)s)
          AND (%(currency)s::text IS NULL OR o.currency = %(currency)s)
    ), t AS (
        SELECT o.*, r.state AS link, coalesce(r.state = 'linked' AND r.held ->> %(state_there)s = %(counts_there)s, false)
               AS is_there,
               -- Where it stands in its own currency there, what it lacks or has too much is converted, so that the same is the same.
               CASE WHEN r.held ->> %(currency_there)s IS NULL THEN (r.held ->> %(amount_there)s)::numeric
                    WHEN r.held ->> %(currency_there)s = o.currency
                    THEN o.counted + ((r.held ->> %(amount_there)s)::numeric - o.amount) * coalesce(o.rate, 1)
               END AS amount_there, r.held ->> %(day_there)s AS day_there
        FROM o LEFT JOIN prm_records_there(%(mapping)s) r ON r.record_id = o.id
    )
"""

# Those of them that differ, each with the one cause that explains it. The order of the cases is that of the cures: what
# must be done first is the cause.
_CAUSED: Final = f"""
    {_BOTH}, d AS (
        SELECT t.*, t.stands::int - t.is_there::int AS n,
               CASE WHEN t.stands THEN coalesce(t.counted, 0) ELSE 0 END
               - CASE WHEN t.is_there THEN coalesce(t.amount_there, 0) ELSE 0 END AS delta
        FROM t
        WHERE t.stands <> t.is_there OR (t.stands AND t.waits <> '')
           OR (t.stands AND (t.counted IS DISTINCT FROM t.amount_there OR t.day_there IS DISTINCT FROM t.day::text))
    ), h AS (
        SELECT DISTINCT ON (h.record_id) h.record_id, h.kind, h.code, h.message FROM prm_held(%(mapping)s) h
        WHERE h.field IN ('', %(state_there)s, %(amount_there)s, %(day_there)s)
        ORDER BY h.record_id, h.kind = 'mass' DESC, h.field
    ), c AS (
        SELECT d.*, h.code AS problem, h.message, u.since,
            CASE
                WHEN h.kind = 'mass' THEN 'mass_change'
                WHEN a.record_id IS NOT NULL AND d.partner_id IS NOT NULL THEN 'out_of_scope'
                WHEN NOT d.stands AND h.kind LIKE 'refused%%' THEN 'refused_there'
                WHEN NOT d.stands THEN 'cancellation_waiting'
                WHEN d.partner_id IS NULL AND (d.is_ignored OR EXISTS (
                    SELECT FROM orders_ignoredcode i
                    JOIN orders_ordersource s ON s.tenant_id = i.tenant_id AND s.scheme_key = i.scheme_key
                    WHERE i.tenant_id = %(tenant)s AND i.normal = d.code AND s.id = d.source_id)) THEN 'set_aside'
                WHEN d.partner_id IS NULL THEN 'unattributed'
                WHEN h.kind = 'deleted_there' OR d.link IN ('deleted_there', 'missing') THEN 'deleted_there'
                WHEN h.kind LIKE 'refused%%' THEN 'refused_there'
                WHEN h.kind IN ('kept_there', 'merged_there') THEN 'changed_there'
                WHEN d.waits <> '' THEN 'rate_missing'
                WHEN u.waits OR u.since < %(late)s THEN 'held'
                WHEN u.since IS NOT NULL THEN 'waiting'
                WHEN d.is_there AND d.delta <> 0 AND abs(d.delta) < 0.01 THEN 'rounded'
                WHEN d.is_there AND d.delta <> 0 AND d.is_shared THEN 'shared_credit'
                WHEN d.is_there AND d.delta = 0 THEN 'other_day'
                WHEN d.link IS NOT NULL THEN 'changed_there'
                ELSE 'not_sent'
            END AS cause
        FROM d
        LEFT JOIN h ON h.record_id = d.id
        LEFT JOIN prm_unsent(%(mapping)s) u ON u.record_id = d.id
        LEFT JOIN prm_at_rest(%(mapping)s) a ON a.record_id = d.id
    )
"""  # nosec B608 # names are our own, values are parameters

# One row per source, day and currency: what stands here, and what of it counts in Salesforce.
SUMS: Final = Statement(
    f"""
    WITH {_BOTH}
    SELECT t.source_id, t.day, t.currency,
           count(*) FILTER (WHERE t.stands), coalesce(sum(t.amount) FILTER (WHERE t.stands), 0),
           coalesce(sum(t.counted) FILTER (WHERE t.stands), 0), count(*) FILTER (WHERE t.stands AND t.waits <> ''),
           count(*) FILTER (WHERE t.is_there), coalesce(sum(t.amount_there) FILTER (WHERE t.is_there), 0)
    FROM t GROUP BY 1, 2, 3 HAVING bool_or(t.stands) OR bool_or(t.is_there)
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order",),
)

# One row per source, day, currency and cause.
CAUSES: Final = Statement(
    f"""
    WITH {_CAUSED}
    SELECT c.source_id, c.day, c.currency, c.cause, sum(c.n), sum(c.delta), count(*) FROM c GROUP BY 1, 2, 3, 4
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_ignoredcode", "orders_ordersource"),
)

# The same of few days with Salesforce's own words, the most money first.
GROUPS: Final = Statement(
    f"""
    WITH {_CAUSED}
    SELECT c.cause, coalesce(c.problem, ''), coalesce(c.message, ''), sum(c.n), sum(c.delta), count(*), min(c.since)
    FROM c GROUP BY 1, 2, 3 ORDER BY abs(sum(c.delta)) DESC, 1, 2, 3
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_ignoredcode", "orders_ordersource"),
)

# The orders themselves, of one cause or of all.
ROWS: Final = Statement(
    f"""
    WITH {_CAUSED}
    SELECT c.cause, c.id, c.number, c.n, c.delta, c.amount, CASE WHEN c.stands THEN c.counted END,
           CASE WHEN c.is_there THEN c.amount_there END, c.day_there,
           concat_ws(': ', nullif(c.problem, ''), c.message)
    FROM c WHERE %(cause)s::text IS NULL OR c.cause = %(cause)s
    ORDER BY abs(c.delta) DESC, c.number, c.id LIMIT %(limit)s OFFSET %(offset)s
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_ignoredcode", "orders_ordersource"),
)

# Rejected rows: the day is that of their order where it is here, else their own. An order that is here, or of which
# several rows were rejected, is one order; a row without a number is one by itself. A day that cannot be read is null.
_REJECTED: Final = """
    r AS (
        SELECT f.source_id, coalesce((o.placed_at AT TIME ZONE %(zone)s)::date, CASE WHEN f.number = '' THEN f.day
                   ELSE min(f.day) OVER (PARTITION BY f.source_id, f.number) END) AS day, f.currency, f.amount,
               l.state, l.reason, l.message, l.line_no, l.run_id, l.id, f.number,
               CASE WHEN o.state <> 'cancelled' THEN NULL ELSE coalesce(nullif(f.number, ''), l.id::text) END AS missing
        FROM orders_rejectedfigure f
        JOIN orders_rejectedline l ON l.tenant_id = %(tenant)s AND l.id = f.line_id
        LEFT JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.source_id = f.source_id AND o.number = f.number
            AND f.number <> ''
        WHERE f.tenant_id = %(tenant)s AND (%(source)s::uuid IS NULL OR f.source_id = %(source)s)
          AND (%(currency)s::text IS NULL OR f.currency = %(currency)s)
    )
"""

REJECTED: Final = Statement(
    f"""
    WITH {_REJECTED}
    SELECT r.source_id, r.day, r.currency, CASE r.state WHEN 'dismissed' THEN 'dismissed' ELSE 'rejected' END,
           count(DISTINCT r.missing), coalesce(sum(r.amount), 0), count(*),
           count(*) FILTER (WHERE r.amount IS NULL AND r.state = 'open')
    FROM r WHERE r.day IS NULL OR ((%(first)s::date IS NULL OR r.day >= %(first)s)
                                   AND (%(last)s::date IS NULL OR r.day <= %(last)s))
    GROUP BY 1, 2, 3, 4
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_rejectedfigure", "orders_rejectedline", "orders_order"),
)

REJECTED_ROWS: Final = Statement(
    f"""
    WITH {_REJECTED}
    SELECT CASE r.state WHEN 'dismissed' THEN 'dismissed' ELSE 'rejected' END, r.id, r.number,
           (r.missing IS NOT NULL)::int, r.amount, r.message, r.reason, r.run_id, r.line_no
    FROM r WHERE r.day IS NOT DISTINCT FROM %(first)s::date
      AND (%(cause)s::text IS NULL OR (r.state = 'dismissed') = (%(cause)s = 'dismissed'))
    ORDER BY abs(coalesce(r.amount, 0)) DESC, r.line_no, r.id LIMIT %(limit)s OFFSET %(offset)s
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_rejectedfigure", "orders_rejectedline", "orders_order"),
)

# Orders that were here when their source declared its total, and that changed after it: as the total counted them
# (the audit trail has it) against as they are. What came after the total was declared is taken to be in it.
_LATE: Final = """
    l AS (
        SELECT o.source_id, t.day, o.currency, o.id, o.number, o.amount,
               (e.state <> 'cancelled')::int - (o.state <> 'cancelled')::int AS n,
               CASE WHEN e.state <> 'cancelled' THEN e.amount ELSE 0 END
               - CASE WHEN o.state <> 'cancelled' THEN o.amount ELSE 0 END AS delta,
               e.state <> 'cancelled' AND o.state = 'cancelled' AS is_cancelled
        FROM orders_controltotal t
        JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.source_id = t.source_id AND o.currency = t.currency
            AND o.placed_at >= t.day::timestamp AT TIME ZONE %(zone)s
            AND o.placed_at < (t.day + 1)::timestamp AT TIME ZONE %(zone)s
            AND o.created_at <= t.declared_at AND o.updated_at > t.declared_at
        CROSS JOIN LATERAL (
            SELECT e.state, e.amount FROM orders_orderevent e
            WHERE e.tenant_id = %(tenant)s AND e.pgh_obj_id = o.id AND e.pgh_created_at <= t.declared_at
            ORDER BY e.pgh_created_at DESC, e.pgh_id DESC LIMIT 1
        ) e
        WHERE t.tenant_id = %(tenant)s
          AND (%(first)s::date IS NULL OR t.day >= %(first)s) AND (%(last)s::date IS NULL OR t.day <= %(last)s)
          AND (%(source)s::uuid IS NULL OR t.source_id = %(source)s)
          AND (%(currency)s::text IS NULL OR t.currency = %(currency)s)
    )
"""

LATE: Final = Statement(
    f"""
    WITH {_LATE}
    SELECT l.source_id, l.day, l.currency, CASE WHEN l.is_cancelled THEN 'cancelled_late' ELSE 'changed_since' END,
           sum(l.n), sum(l.delta), count(*)
    FROM l WHERE l.n <> 0 OR l.delta <> 0 GROUP BY 1, 2, 3, 4
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_controltotal", "orders_order", "orders_orderevent"),
)

LATE_ROWS: Final = Statement(
    f"""
    WITH {_LATE}, c AS (
        SELECT CASE WHEN l.is_cancelled THEN 'cancelled_late' ELSE 'changed_since' END AS cause, l.* FROM l
        WHERE l.n <> 0 OR l.delta <> 0
    )
    SELECT c.cause, c.id, c.number, c.n, c.delta, c.amount
    FROM c WHERE %(cause)s::text IS NULL OR c.cause = %(cause)s
    ORDER BY abs(c.delta) DESC, c.number, c.id LIMIT %(limit)s OFFSET %(offset)s
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_controltotal", "orders_order", "orders_orderevent"),
)

# The first and the last day of orders that changed since a moment.
CHANGED: Final = Statement(
    """
    SELECT min((o.placed_at AT TIME ZONE %(zone)s)::date), max((o.placed_at AT TIME ZONE %(zone)s)::date)
    FROM orders_order o WHERE o.tenant_id = %(tenant)s AND o.updated_at >= %(since)s
    """,
    reads=("orders_order",),
)

# What no figure is read of yet, or by other rules; and figures of rows that are settled.
UNREAD: Final = Statement(
    """
    SELECT l.id FROM orders_rejectedline l
    LEFT JOIN orders_rejectedfigure f ON f.tenant_id = l.tenant_id AND f.line_id = l.id AND f.read_as = %(cause)s
    WHERE l.tenant_id = %(tenant)s AND l.source_id = %(source)s AND l.state IN ('open', 'dismissed') AND f.id IS NULL
    ORDER BY l.id LIMIT %(limit)s
    """,
    reads=("orders_rejectedline", "orders_rejectedfigure"),
)

FORGET_SETTLED: Final = Statement(
    """
    DELETE FROM orders_rejectedfigure f USING orders_rejectedline l
    WHERE f.tenant_id = %(tenant)s AND l.tenant_id = %(tenant)s AND l.id = f.line_id
      AND l.state NOT IN ('open', 'dismissed')
    """,
    reads=("orders_rejectedline",),
    writes=("orders_rejectedfigure",),
)

CONNECTION: Final = Statement("SELECT c.state, c.name FROM prm_connection() c", reads=())

# When the days were counted in Salesforce itself, and how many records there nobody here knows of.
COUNTED: Final = Statement(
    """
    SELECT c.day, c.counted_at, c.currency, c.records - c.known, c.amount - c.known_amount
    FROM prm_counted_there(%(mapping)s) c JOIN prm_connection() n ON c.counted_at >= n.connected_at
    WHERE (%(first)s::date IS NULL OR c.day >= %(first)s) AND (%(last)s::date IS NULL OR c.day <= %(last)s)
    ORDER BY c.day, c.currency
    """,
    reads=(),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
