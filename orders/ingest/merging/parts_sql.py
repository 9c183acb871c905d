"""The statements that share given orders, above all as their files say: parts by place, the first of which is whose it is.

Their parameters are named and typed in `orders.ingest.sql`; `sharing` runs them in this order.
"""

from typing import Final

from orders.ingest.statement import Statement

# What rules and files said of them goes; what a person said stays.
UNSHARE_GIVEN: Final = Statement(
    """
    WITH gone AS (
        DELETE FROM orders_ordershare s USING pg_temp.prm_given g
        WHERE s.tenant_id = %(tenant)s AND s.order_id = g.order_id AND s.origin <> 'hand'
        RETURNING s.partner_id, s.month
    )
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT partner_id, month FROM gone EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_given", "prm_touched"),
    writes=("orders_ordershare", "prm_touched"),
)

# What a person shared counts for nobody once the order is nobody's, whoever has a part in it.
TOUCH_GIVEN_PARTS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT s.partner_id, s.month FROM pg_temp.prm_given g
    JOIN orders_ordershare s ON s.tenant_id = %(tenant)s AND s.order_id = g.order_id
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_given", "prm_touched", "orders_ordershare"),
    writes=("prm_touched",),
)

GIVEN_TO: Final = Statement(
    """
    SELECT DISTINCT o.partner_id FROM pg_temp.prm_given g
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = g.order_id
    WHERE o.partner_id IS NOT NULL
    """,
    reads=("prm_given", "orders_order"),
)

TAKE_PARTS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_credit (order_id, place, normal, percent, scheme)
    SELECT o.id, p.place, split_part(p.part, E'\\x1f', 1), split_part(p.part, E'\\x1f', 2)::numeric, s.scheme_key
    FROM (SELECT DISTINCT order_id FROM pg_temp.prm_given) g
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = g.order_id
    JOIN orders_ordersource s ON s.tenant_id = %(tenant)s AND s.id = o.source_id
    CROSS JOIN LATERAL unnest(string_to_array(o.credits, E'\\x1e')) WITH ORDINALITY p (part, place)
    WHERE o.credits <> ''
    """,
    reads=("prm_given", "orders_order", "orders_ordersource"),
    writes=("prm_credit",),
)

SCHEMES_OF_PARTS: Final = Statement("SELECT DISTINCT scheme FROM pg_temp.prm_credit", reads=("prm_credit",))

LIST_PART_CODES: Final = Statement(
    """
    INSERT INTO pg_temp.prm_part_code (normal) SELECT DISTINCT normal FROM pg_temp.prm_credit WHERE scheme = %(scheme)s
    """,
    reads=("prm_credit",),
    writes=("prm_part_code",),
)

NAME_PARTS: Final = Statement(
    """
    UPDATE pg_temp.prm_credit p SET partner_id = c.partner_id
    FROM pg_temp.prm_part_code c WHERE c.normal = p.normal AND p.scheme = %(scheme)s
    """,
    reads=("prm_part_code",),
    writes=("prm_credit",),
)

# One that a person tied to somebody, while it waited under that code, stays there.
WAIT_FOR_UNKNOWN: Final = Statement(
    """
    WITH waits AS (
        UPDATE orders_order o SET partner_id = NULL, code = u.normal, updated_at = now()
        FROM (SELECT DISTINCT ON (p.order_id) p.order_id, p.normal FROM pg_temp.prm_credit p
              WHERE p.partner_id IS NULL ORDER BY p.order_id, p.place) u,
             orders_order w
        WHERE o.tenant_id = %(tenant)s AND o.id = u.order_id AND o.code <> u.normal
          AND w.tenant_id = %(tenant)s AND w.id = o.id
        RETURNING w.partner_id, w.month
    )
    INSERT INTO pg_temp.prm_touched (partner_id, month) SELECT partner_id, month FROM waits WHERE partner_id IS NOT NULL
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_credit", "prm_touched"),
    writes=("orders_order", "prm_touched"),
)

GIVE_TO_FIRST: Final = Statement(
    """
    WITH given AS (
        UPDATE orders_order o SET partner_id = f.partner_id, code = f.normal, is_ignored = false, updated_at = now()
        FROM pg_temp.prm_credit f, orders_order w
        WHERE o.tenant_id = %(tenant)s AND o.id = f.order_id AND f.place = 1
          AND w.tenant_id = %(tenant)s AND w.id = o.id
          AND (o.partner_id IS DISTINCT FROM f.partner_id OR o.code <> f.normal)
          AND NOT EXISTS (SELECT FROM pg_temp.prm_credit u WHERE u.order_id = f.order_id AND u.partner_id IS NULL)
        RETURNING w.partner_id AS before, o.partner_id AS after, o.month
    )
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT before, month FROM given WHERE before IS NOT NULL
    UNION SELECT after, month FROM given
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_credit", "prm_touched"),
    writes=("orders_order", "prm_touched"),
)

# Codes of one partner are one part; where all are, the order is that partner's alone.
SHARE_BY_FILE: Final = Statement(
    """
    WITH parts AS (
        SELECT p.order_id, p.partner_id, sum(p.percent) AS percent, min(p.place) AS place,
               count(*) OVER (PARTITION BY p.order_id) AS partners
        FROM pg_temp.prm_credit p
        WHERE NOT EXISTS (SELECT FROM pg_temp.prm_credit u WHERE u.order_id = p.order_id AND u.partner_id IS NULL)
        GROUP BY p.order_id, p.partner_id
    ), shared AS (
        INSERT INTO orders_ordershare (id, tenant_id, order_id, partner_id, percent, origin, month)
        SELECT (%(ids)s || to_hex(4294967296 + row_number() OVER (ORDER BY o.id, p.percent DESC, p.place)))::uuid,
               %(tenant)s, o.id, p.partner_id, p.percent, 'file', o.month
        FROM parts p JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = p.order_id
        WHERE p.partners > 1 AND NOT o.is_shared
        RETURNING partner_id, month
    )
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT partner_id, month FROM shared EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_credit", "prm_touched", "orders_order"),
    writes=("orders_ordershare", "prm_touched"),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
