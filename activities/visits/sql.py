"""Statements about visits, for partners named by `partners.standing.inputs.Wanted`."""

# Reads the visits of the wanted partners from one moment to another; gives each partner's place, the first
# day of a month of the tenant's calendar, and how many visits it holds. The range of ids lets the planner
# walk the index of partners in order.
VISITS_PER_MONTH = """
SELECT wanted.place, (date_trunc('month', v.happened_at AT TIME ZONE %(zone)s))::date, count(*)
  FROM wanted JOIN activities_visit v ON v.tenant_id = %(tenant)s AND v.partner_id = wanted.id
 WHERE v.partner_id BETWEEN %(first)s AND %(last)s AND v.happened_at >= %(since)s AND v.happened_at < %(end)s
 GROUP BY 1, 2
"""
