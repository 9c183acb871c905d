"""What the database answers to SQL of any app about Salesforce, and what counting asks itself.

The functions are the sync's door for set-based statements: no app may name another one's tables. They are plain SQL,
so that the planner sees through them, and row-level security holds inside them as anywhere.
"""

from __future__ import annotations

from typing import Final

FUNCTIONS: Final = {
    "prm_records_there(which text)": """
        record_id, sf_id, state, held, modstamp: the records of a mapping that are or were linked. `state` is that of
        the link, or `missing` when counting did not find it; `held` the values by field in Salesforce as last known.
    """,
    "prm_unsent(which text)": """
        record_id, since, waits: the records that changed here and are not sent yet; `waits`: for another record.
    """,
    "prm_held(which text)": """
        record_id, field, kind, code, message: why records, or single fields ("" for none), are held. Of the kind `mass`
        is what waits with a mass change for a person.
    """,
    "prm_at_rest(which text)": """
        record_id, why, since: the records that are outside the scope, so that nothing of them is exchanged.
    """,
    "prm_counted_there(which text)": """
        day, currency, records, amount, known, known_amount, counted_at: what was counted there, by its day and currency
        there, "" where the organisation has one.
    """,
    "prm_connection()": """
        state, name, connected_at: one row for a tenant that is connected, paused or signed out; none without.
    """,
}
"""Each function of migrations 0007, 0009, 0021 and 0022, and the columns of its rows."""

KNOWN: Final = """
    SELECT t.held ->> %(day)s, count(*), coalesce(sum((t.held ->> %(amount)s)::numeric), 0)
    FROM unnest(%(mappings)s::text[]) m (key) CROSS JOIN LATERAL prm_records_there(m.key) t
    WHERE t.state = 'linked' AND t.held ->> %(state)s = %(counts)s
      AND t.held ->> %(day)s BETWEEN %(first)s AND %(last)s
    GROUP BY 1
"""
"""Reads links and what counting saw. One row a day: records that count, and what they come to, as known."""

KNOWN_BY_CURRENCY: Final = """
    SELECT t.held ->> %(day)s, coalesce(t.held ->> %(currency)s, ''), count(*)::int,
           coalesce(sum((t.held ->> %(amount)s)::numeric), 0)
    FROM unnest(%(mappings)s::text[]) m (key) CROSS JOIN LATERAL prm_records_there(m.key) t
    WHERE t.state = 'linked' AND t.held ->> %(state)s = %(counts)s
      AND t.held ->> %(day)s BETWEEN %(first)s AND %(last)s
    GROUP BY 1, 2
"""
"""Reads the same, one row a day and currency, for an organisation with several."""

OF_DAY: Final = """
    SELECT t.record_id, t.sf_id
    FROM prm_records_there(%(mapping)s) t
    WHERE t.state IN ('linked', 'missing') AND t.held ->> %(day)s = %(on)s
"""
"""Reads the same. The records of a mapping that lie on a day there, as known."""
