"""Set-based statements about shared credit."""

from typing import Final

from orders.ingest.statement import Statement

PARAMETERS: Final = {"tenant": "uuid", "order": "uuid"}

# The months in which one order counts, and for whom.
TOUCH_ONE: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT partner_id, month FROM orders_order
    WHERE tenant_id = %(tenant)s AND id = %(order)s AND partner_id IS NOT NULL
    UNION
    SELECT partner_id, month FROM orders_ordershare WHERE tenant_id = %(tenant)s AND order_id = %(order)s
    """,
    reads=("orders_order", "orders_ordershare"),
    writes=("prm_touched",),
)

GIVE_ONE: Final = Statement(
    "INSERT INTO pg_temp.prm_given (order_id) VALUES (%(order)s)", writes=("prm_given",)
)

# All that a rule or a file may share: orders with a partner that nobody shared by hand.
GIVE_ALL: Final = Statement(
    """
    INSERT INTO pg_temp.prm_given (order_id)
    SELECT o.id FROM orders_order o
    WHERE o.tenant_id = %(tenant)s AND o.partner_id IS NOT NULL
      AND (NOT o.is_shared OR EXISTS (SELECT FROM orders_ordershare s
                                      WHERE s.tenant_id = %(tenant)s AND s.order_id = o.id AND s.origin <> 'hand'))
    """,
    reads=("orders_order", "orders_ordershare"),
    writes=("prm_given",),
)

# After they are shared: everybody in whose months they count now.
TOUCH_GIVEN: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT DISTINCT s.partner_id, s.month FROM pg_temp.prm_given g
    JOIN orders_ordershare s ON s.tenant_id = %(tenant)s AND s.order_id = g.order_id
    UNION
    SELECT DISTINCT o.partner_id, o.month FROM pg_temp.prm_given g
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = g.order_id
    WHERE o.is_shared OR EXISTS (SELECT FROM pg_temp.prm_touched)
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("prm_given", "prm_touched", "orders_order", "orders_ordershare"),
    writes=("prm_touched",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
