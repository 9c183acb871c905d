"""One statement that reads what tiers are judged by, for everybody."""

# Reads partners, their months and present scores; one row per partner that is one of its own. Money in ten-thousandths.
# `last` is the month of the day of judgement, the windows end with it or with the month before.
JUDGED = """
WITH sums AS (
  SELECT partner_id,
         (coalesce(sum(revenue) FILTER (WHERE month > %(now_after)s), 0) * 10000)::int8 AS now,
         (coalesce(sum(revenue) FILTER (WHERE month > %(closed_after)s AND month < %(last)s), 0) * 10000)::int8 AS closed,
         count(*) FILTER (WHERE orders > 0 AND month > %(busy_after)s) AS busy,
         count(*) FILTER (WHERE orders > 0 AND month > %(busy_closed_after)s AND month < %(last)s) AS busy_closed,
         min(first_on) AS first_on, max(last_on) AS last_on
    FROM partners_partnermonth
   WHERE tenant_id = %(tenant)s AND month <= %(last)s
   GROUP BY partner_id)
SELECT p.id, p.tier, p.tier_since, p.tier_held, p.tier_held_until, p.is_active, s.score,
       coalesce(sums.now, 0), coalesce(sums.closed, 0), coalesce(sums.busy, 0), coalesce(sums.busy_closed, 0),
       sums.first_on, sums.last_on
  FROM partners_partner p
  LEFT JOIN sums ON sums.partner_id = p.id
  LEFT JOIN partners_standing s ON s.tenant_id = %(tenant)s AND s.partner_id = p.id
 WHERE p.tenant_id = %(tenant)s AND p.merged_into_id IS NULL
 ORDER BY p.id
"""
