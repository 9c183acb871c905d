"""Set-based SQL of the directory: codes that come many at once, words of names, names that are similar."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import connection

from prm.core.types import SqlValue
from prm.core.words.tables import SPLIT, WordTable
from prm.tenancy.base import TenantModel
from prm.tenancy.context import current_tenant

# --- words of names -----------------------------------------------------------------------------

#: The words of partners' names: written by triggers of partners_partner, read by the statements below.
NAMES: Final = WordTable(table="partners_partnerword", owner="partner_id")
#: The words of their other names, kept in the same way.
ALIASES: Final = WordTable(table="partners_aliasword", owner="alias_id")

# Reads the words of names that are asked for, and those of partners that begin or end like them (one slip
# leaves one half of a word as it is); no partner is read but those. Words are compared by trigrams, and
# partners ranked by how well their words fit together, then by the whole name, which weighs initials.
# The bounds are columns of a materialized step: left() and || are not leakproof, and within the comparison
# they would keep it from the index. OFFSET 0 keeps the planner, whatever it knows of a young table, from reading all partners for the join.
_SIMILAR: Final = f"""
WITH asked AS MATERIALIZED (
    SELECT a.place, w.word, left(w.word, w.half) AS head, left(w.word, w.half) || chr(1114111) AS after_head,
           left(reverse(w.word), w.half) AS tail, left(reverse(w.word), w.half) || chr(1114111) AS after_tail
    FROM unnest(%(names)s::text[]) WITH ORDINALITY AS a (name, place)
    CROSS JOIN LATERAL (
        SELECT DISTINCT left(word, 40), greatest(2, length(left(word, 40)) / 2)
        FROM {SPLIT.format(text="a.name")} AS s (word)
    ) AS w (word, half)
    WHERE length(w.word) >= 3
), near AS (
    SELECT a.place, n.partner_id, a.word, max(similarity(n.word, a.word)) AS fit
    FROM asked a CROSS JOIN LATERAL (
        SELECT w.partner_id, w.word FROM partners_partnerword w
        WHERE w.tenant_id = %(tenant)s
          AND w.word >= a.head AND w.word < a.after_head
        UNION ALL
        SELECT w.partner_id, w.word FROM partners_partnerword w
        WHERE w.tenant_id = %(tenant)s
          AND w.backwards >= a.tail AND w.backwards < a.after_tail
        UNION ALL
        SELECT l.partner_id, w.word
        FROM partners_aliasword w JOIN partners_partneralias l ON l.tenant_id = %(tenant)s AND l.id = w.alias_id
        WHERE w.tenant_id = %(tenant)s
          AND w.word >= a.head AND w.word < a.after_head
        UNION ALL
        SELECT l.partner_id, w.word
        FROM partners_aliasword w JOIN partners_partneralias l ON l.tenant_id = %(tenant)s AND l.id = w.alias_id
        WHERE w.tenant_id = %(tenant)s
          AND w.backwards >= a.tail AND w.backwards < a.after_tail
    ) n
    WHERE similarity(n.word, a.word) >= 0.25
    GROUP BY a.place, n.partner_id, a.word
), best AS (
    SELECT place, partner_id, fit, rank() OVER (PARTITION BY place ORDER BY fit DESC) AS rank
    FROM (SELECT place, partner_id, sum(fit) AS fit FROM near GROUP BY place, partner_id) f
), ranked AS (
    SELECT b.place, b.partner_id, row_number() OVER (
        PARTITION BY b.place
        ORDER BY b.fit DESC, similarity(p.name, (%(names)s::text[])[b.place]) DESC, b.partner_id
    ) AS rank
    FROM best b CROSS JOIN LATERAL (
        SELECT name FROM partners_partner
        WHERE tenant_id = %(tenant)s AND id = b.partner_id AND is_active AND merged_into_id IS NULL OFFSET 0
    ) p
    WHERE b.rank <= 2 * %(limit)s
)
SELECT place, partner_id FROM ranked WHERE rank <= %(limit)s ORDER BY place, rank
"""  # nosec B608 # names are our own, values are parameters


def similar_names(names: Sequence[str], *, limit: int) -> list[list[UUID]]:
    """Return for each name the ids of at most `limit` active partners with similar names, best first."""
    found: list[list[UUID]] = [[] for _ in names]
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR, {"names": list(names), "tenant": current_tenant().pk, "limit": limit})
        for place, partner_id in cursor:
            found[place - 1].append(partner_id)
    return found


# --- codes --------------------------------------------------------------------------------------

# Read partners_referralcode and the staged codes; write the partner of each staged code that has one.
_MATCH_CODES: Final = """
UPDATE pg_temp.{staged} s SET partner_id = r.partner_id
FROM partners_referralcode r
WHERE r.tenant_id = %(tenant)s AND r.normal = s.normal AND r.scheme_key = %(scheme)s AND s.partner_id IS NULL
"""
# Where two partners have a code loosely nobody is meant, and nobody may be made of it.
_MATCH_LOOSE_CODES: Final = """
UPDATE pg_temp.{staged} s SET partner_id = CASE WHEN r.partners = 1 THEN r.partner_id END, is_shared = r.partners > 1
FROM (
    SELECT r.normal, min(r.partner_id::text)::uuid AS partner_id, count(DISTINCT r.partner_id) AS partners
    FROM partners_referralcode r
    WHERE r.tenant_id = %(tenant)s AND r.scheme_key <> ALL (%(systems)s::text[])
      AND r.normal IN (SELECT normal FROM pg_temp.{staged} WHERE partner_id IS NULL)
    GROUP BY r.normal
) r
WHERE r.normal = s.normal AND s.partner_id IS NULL
"""


def match_codes(staged: str, *, scheme: str, systems: Sequence[str]) -> None:
    """Fill in whose each staged referral code is, by the rule of `partners.directory.schemes`.

    `staged` names a temporary table with `normal text COLLATE "C"` (a code in normal form), `partner_id
    uuid` and `is_shared boolean`; rows that have a partner already are left alone, and codes that are
    nobody's stay NULL. `scheme` is the key of the scheme of the system that sent them, `systems` those of
    all systems.
    """
    values: dict[str, SqlValue] = {"tenant": current_tenant().pk, "scheme": scheme, "systems": list(systems)}
    with connection.cursor() as cursor:
        cursor.execute(_MATCH_CODES.format(staged=staged), values)
        cursor.execute(_MATCH_LOOSE_CODES.format(staged=staged), values)


# --- many rows at once --------------------------------------------------------------------------


def insert_select(
    model: type[TenantModel], given: Mapping[str, str], rows: str, values: Mapping[str, SqlValue]
) -> None:
    """Insert `rows` (a FROM item): the `given` columns by SQL, all others as the model defaults them."""
    rest = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in given and not (field.generated or field.has_db_default() or field.null)
    }
    columns = dict(given) | {column: f"%(default_{column})s" for column in rest}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
            f" SELECT {', '.join(columns.values())} FROM {rows}",  # nosec B608 # names are our own, values are parameters
            dict(values) | {f"default_{column}": value for column, value in rest.items()},
        )
