"""Set-based statements about names: what was noted under them goes where the name belongs.

Each moves at most `limit` rows and is repeated until it moves none. `names` are the name and all that are it, `root`
is what they stand for; the name under which a row was noted stays with it.
"""

from typing import Final

# Reads and writes activities_insight.
MOVE_COMPETITOR: Final = """
UPDATE activities_insight i
SET competitor_id = %(root)s,
    noted_as_id = NULLIF(COALESCE(i.noted_as_id, i.competitor_id), %(root)s)
WHERE i.tenant_id = %(tenant)s AND i.id IN (
    SELECT id FROM activities_insight
    WHERE tenant_id = %(tenant)s AND competitor_id <> %(root)s
      AND COALESCE(noted_as_id, competitor_id) = ANY(%(ids)s)
    LIMIT %(limit)s
)
"""

# Reads and writes activities_insightdifferentiator. An insight may name two that become one: both rows stay, and
# whoever counts counts insights.
MOVE_DIFFERENTIATOR: Final = """
UPDATE activities_insightdifferentiator d
SET differentiator_id = %(root)s,
    noted_as_id = NULLIF(COALESCE(d.noted_as_id, d.differentiator_id), %(root)s)
WHERE d.tenant_id = %(tenant)s AND d.id IN (
    SELECT id FROM activities_insightdifferentiator
    WHERE tenant_id = %(tenant)s AND differentiator_id <> %(root)s
      AND COALESCE(noted_as_id, differentiator_id) = ANY(%(ids)s)
    LIMIT %(limit)s
)
"""
