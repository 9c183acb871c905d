"""Set-based statements about partner-months, each with what it reads and writes.

The names of temporary tables are put in for `{named}` and `{sums}`; see `service.replace_months`.
"""

# Reads both staged tables; deletes partner-months that are named and have no sum.
DELETE_MONTHS = """
DELETE FROM partners_partnermonth m USING pg_temp.{named} n
WHERE m.tenant_id = %(tenant)s AND m.partner_id = n.partner_id AND m.month = n.month
  AND NOT EXISTS (SELECT 1 FROM pg_temp.{sums} s WHERE s.partner_id = n.partner_id AND s.month = n.month)
"""

# Reads the staged sums; writes the partner-months that are new or differ.
# gen_random_uuid: months are found by partner and month, their ids need no order.
WRITE_MONTHS = """
INSERT INTO partners_partnermonth AS m
    (id, tenant_id, partner_id, month, orders, units, revenue, first_on, last_on)
SELECT gen_random_uuid(), %(tenant)s, s.partner_id, s.month, s.orders, s.units, s.revenue, s.first_on, s.last_on
FROM pg_temp.{sums} s
ON CONFLICT (tenant_id, partner_id, month) DO UPDATE
SET orders = EXCLUDED.orders, units = EXCLUDED.units, revenue = EXCLUDED.revenue,
    first_on = EXCLUDED.first_on, last_on = EXCLUDED.last_on
WHERE (m.orders, m.units, m.revenue, m.first_on, m.last_on)
   IS DISTINCT FROM (EXCLUDED.orders, EXCLUDED.units, EXCLUDED.revenue, EXCLUDED.first_on, EXCLUDED.last_on)
"""
