"""Statements about what waits, over all tenants (`as_sweep`), and of one (in its scope)."""

# Claims of a queue are made one after the other, so that they count each other.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('prm.work'), hashtext(%(queue)s))"

# Reads what waits and runs in a queue, and the turns; returns the piece of work whose turn it is. Each tenant has
# one turn for its small and one for its large work; a turn goes to whoever has had none for longest, so that
# nothing starves. Within a turn: first come, first served.
NEXT = """
WITH jobs AS (
  SELECT id, tenant_id, size, coalesce(lease_until >= clock_timestamp(), false) AS runs,
    coalesce(not_before <= clock_timestamp(), true) AS due
  FROM tenancy_job WHERE queue = %(queue)s),
running AS (SELECT tenant_id, size, count(*) AS pieces FROM jobs WHERE runs GROUP BY tenant_id, size),
first AS (
  SELECT DISTINCT ON (tenant_id, size) tenant_id, size, id
  FROM jobs WHERE due AND NOT runs ORDER BY tenant_id, size, id)
SELECT f.id
FROM first f
LEFT JOIN running r ON r.tenant_id = f.tenant_id AND r.size = f.size
LEFT JOIN tenancy_turn t ON t.tenant_id = f.tenant_id AND t.queue = %(queue)s AND t.size = f.size
WHERE coalesce(r.pieces, 0) < %(tenant_at_once)s
  AND (f.size = 1 OR (SELECT coalesce(sum(pieces), 0) FROM running WHERE size = 2) < %(large_at_once)s)
ORDER BY coalesce(r.pieces, 0), t.served_at NULLS FIRST, f.id
LIMIT 1
"""

# Writes the tenant's turn.
TAKE_TURN = """
INSERT INTO tenancy_turn (id, tenant_id, queue, size, served_at)
VALUES (gen_random_uuid(), %(tenant)s, %(queue)s, %(size)s, clock_timestamp())
ON CONFLICT (tenant_id, queue, size) DO UPDATE SET served_at = EXCLUDED.served_at
"""

# Writes a lease of `held` seconds; returns nothing when it is somebody else's by now.
HOLD = """
UPDATE tenancy_job SET lease = %(lease)s, lease_until = clock_timestamp() + make_interval(secs => %(held)s)
WHERE tenant_id = %(tenant)s AND id = %(id)s AND (lease = %(lease)s OR coalesce(lease_until < clock_timestamp(), true))
RETURNING id
"""

# Reads what has waited for a second or longer, by queue.
WAITING = """
SELECT queue, count(*) FROM tenancy_job
WHERE coalesce(lease_until < clock_timestamp(), true)
  AND greatest(added_at, coalesce(not_before, lease_until, added_at)) < clock_timestamp() - interval '1 second'
GROUP BY queue
"""
