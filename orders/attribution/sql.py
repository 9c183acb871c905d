"""Statements about the queue."""

from typing import Final
from uuid import UUID

from django.db import connection

from prm.core.types import SqlValue

# Reads orders_order and orders_ignoredcode: the codes of a range, each by one step through the index of orders
# without a partner, however many orders one of them has.
_CODES: Final = """
WITH RECURSIVE waiting (code, n) AS (
    (SELECT code, 1 FROM orders_order
     WHERE tenant_id = %(tenant)s AND partner_id IS NULL AND code >= %(begin)s AND code < %(beyond)s
     ORDER BY code LIMIT 1)
    UNION ALL
    SELECT (SELECT o.code FROM orders_order o
            WHERE o.tenant_id = %(tenant)s AND o.partner_id IS NULL AND o.code > w.code AND o.code < %(beyond)s
            ORDER BY o.code LIMIT 1), w.n + 1
    FROM waiting w WHERE w.code IS NOT NULL AND w.n < 4 * %(limit)s
)
SELECT w.code FROM waiting w
WHERE w.code IS NOT NULL AND NOT EXISTS (
    SELECT FROM orders_ignoredcode i WHERE i.tenant_id = %(tenant)s AND i.normal = w.code
)
LIMIT %(limit)s
"""


def codes_between(first: str, end: str, *, tenant_id: UUID, most: int) -> list[str]:
    """Return at most `most` codes from `first` to before `end` under which orders wait."""
    values: dict[str, SqlValue] = {"tenant": tenant_id, "begin": first, "beyond": end, "limit": most}
    with connection.cursor() as cursor:
        cursor.execute(_CODES, values)
        return [code for (code,) in cursor]
