"""Set-based statements about what is watched, each with what it reads and writes."""

# Reads partner-months from a month on; for `Wanted.read`: place, month, orders, revenue in ten-thousandths.
MONTHS = """
SELECT wanted.place, m.month, m.orders, (m.revenue * 10000)::int8
  FROM wanted JOIN partners_partnermonth m ON m.tenant_id = %(tenant)s AND m.partner_id = wanted.id
 WHERE m.partner_id BETWEEN %(first)s AND %(last)s AND m.month BETWEEN %(from)s AND %(to)s
"""

# Writes partners' watches that are new or differ; the values come as one text, a line per partner, tabs between.
# The moment at which an alarm was first known stays while the alarm does.
WRITE_WATCHES = r"""
INSERT INTO partners_orderwatch AS kept
       (id, tenant_id, partner_id, state, usually, direction, raised, since, was, now, a_year, month, raised_at)
SELECT f[1]::uuid, %(tenant)s, f[2]::uuid, f[3], f[4]::numeric, f[5], f[6]::date, f[7]::date, f[8]::numeric,
       f[9]::numeric, f[10]::numeric, %(month)s, CASE WHEN f[5] <> '' THEN %(now)s::timestamptz END
  FROM string_to_table(%(rows)s, E'\n') AS line, LATERAL string_to_array(line, E'\t', '\N') AS f
  JOIN partners_partner p ON p.tenant_id = %(tenant)s AND p.id = f[2]::uuid AND p.merged_into_id IS NULL
    ON CONFLICT (tenant_id, partner_id) DO UPDATE SET
       state = excluded.state, usually = excluded.usually, direction = excluded.direction, raised = excluded.raised,
       since = excluded.since, was = excluded.was, now = excluded.now, a_year = excluded.a_year, month = excluded.month,
       raised_at = CASE WHEN kept.direction = excluded.direction AND kept.since = excluded.since
                        THEN kept.raised_at ELSE excluded.raised_at END
 WHERE (kept.state, kept.usually, kept.direction, kept.raised, kept.since, kept.was, kept.now, kept.a_year, kept.month)
       IS DISTINCT FROM (excluded.state, excluded.usually, excluded.direction, excluded.raised, excluded.since,
                         excluded.was, excluded.now, excluded.a_year, excluded.month)
"""
