"""The statements about staged orders whose files share their credit. Their parameters are in `orders.ingest.sql`."""

from typing import Final

from orders.ingest.statement import Statement

# A code that is several, with the per cent of each (`orders.sources.credits`): the first is whose order it is.
SPLIT_CREDITS: Final = Statement(
    """
    UPDATE pg_temp.prm_order SET credits = code, code = split_part(code, E'\\x1f', 1)
    WHERE position(E'\\x1f' IN code) > 0
    """,
    writes=("prm_order",),
)

FIND_CODES_OF_PARTS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_code (normal, partner_name, first_block)
    SELECT split_part(p.part, E'\\x1f', 1), '', min(o.block)
    FROM pg_temp.prm_order o CROSS JOIN LATERAL unnest(string_to_array(o.credits, E'\\x1e')) p (part)
    WHERE o.outcome <> 'unchanged' AND o.credits <> ''
      AND NOT EXISTS (SELECT FROM pg_temp.prm_code c WHERE c.normal = split_part(p.part, E'\\x1f', 1))
    GROUP BY 1
    """,
    reads=("prm_order", "prm_code"),
    writes=("prm_code",),
)

# An order of whose parts one is nobody's yet waits as a whole under that code.
WAIT_FOR_PARTS: Final = Statement(
    """
    UPDATE pg_temp.prm_order o SET code = u.code
    FROM (
        SELECT DISTINCT ON (w.block) w.block, c.normal AS code
        FROM pg_temp.prm_order w
        CROSS JOIN LATERAL unnest(string_to_array(w.credits, E'\\x1e')) WITH ORDINALITY p (part, place)
        JOIN pg_temp.prm_code c ON c.normal = split_part(p.part, E'\\x1f', 1)
        WHERE w.credits <> '' AND w.outcome <> 'unchanged' AND c.partner_id IS NULL
        ORDER BY w.block, p.place
    ) u
    WHERE o.block = u.block
    """,
    reads=("prm_order", "prm_code"),
    writes=("prm_order",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}
