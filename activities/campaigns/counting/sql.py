"""Statements of the door, and those that settle what came through it. All run in a tenant's scope."""

# What a token names, in one reading; no row for what is not (any more) there. Of a picture `target` is the campaign.
NAMED_LINK = """
SELECT c.id, c.name, c.state, c.ended_at, l.id, l.url, m.id, m."group"
FROM campaigns_link l
JOIN campaigns_campaign c ON c.tenant_id = l.tenant_id AND c.id = l.campaign_id
LEFT JOIN campaigns_member m ON m.tenant_id = c.tenant_id AND m.campaign_id = c.id AND m.id = %(member)s
WHERE l.id = %(target)s AND (m.id IS NOT NULL OR %(member)s::uuid IS NULL)
"""
NAMED_PICTURE = """
SELECT c.id, c.name, c.state, c.ended_at, NULL::uuid, '', m.id, m."group"
FROM campaigns_campaign c
LEFT JOIN campaigns_member m ON m.tenant_id = c.tenant_id AND m.campaign_id = c.id AND m.id = %(member)s
WHERE c.id = %(target)s AND (m.id IS NOT NULL OR %(member)s::uuid IS NULL)
"""

# One act of one visitor on one day: the same again finds its row and writes nothing. Beyond `most` of a link, member and day nothing is
# stored either, however many browsers somebody pretends to be. Returns a row when there was room.
COUNT = """
WITH room AS (
    SELECT 1 FROM (
        SELECT 1 FROM campaigns_webevent e
        WHERE e.campaign_id = %(campaign)s AND e.day = %(day)s
            AND e.member_id IS NOT DISTINCT FROM %(member)s::uuid AND e.link_id IS NOT DISTINCT FROM %(link)s::uuid
        LIMIT %(most)s) most
    HAVING count(*) < %(most)s
), kept AS (
    INSERT INTO campaigns_webevent (tenant_id, id, campaign_id, link_id, member_id, day, visitor, act, at, verdict)
    SELECT %(tenant)s, %(id)s, %(campaign)s, %(link)s, %(member)s, %(day)s, %(visitor)s, %(act)s, %(at)s, '' FROM room
    ON CONFLICT DO NOTHING
)
SELECT 1 FROM room
"""

# One more request that is not counted. A slot of several, so that requests of one robot do not wait for each other's row.
FILTER = """
INSERT INTO campaigns_filtered AS f (tenant_id, id, campaign_id, member_id, day, why, slot, requests)
VALUES (%(tenant)s, %(id)s, %(campaign)s, %(member)s, %(day)s, %(why)s, %(slot)s, 1)
ON CONFLICT (tenant_id, campaign_id, why, day, member_id, slot) DO UPDATE SET requests = f.requests + 1
"""

SALT = """
INSERT INTO campaigns_daysalt (tenant_id, id, day, salt) VALUES (%(tenant)s, %(id)s, %(day)s, %(salt)s)
ON CONFLICT DO NOTHING
"""

# --- settling -----------------------------------------------------------------------------------

# Clicks of one member on many links at once, whose visitor did nothing on a page: a mail gateway that looks into links. Reads events of
# the member's day; writes their verdict, and counts them among what was filtered.
SCANNERS = """
WITH scanned AS (
    UPDATE campaigns_webevent e SET verdict = 'scan'
    WHERE e.verdict = '' AND e.at < %(until)s AND e.act = 'click' AND e.member_id IS NOT NULL
        AND (
            SELECT count(DISTINCT o.link_id) FROM campaigns_webevent o
            WHERE o.tenant_id = e.tenant_id AND o.campaign_id = e.campaign_id AND o.day = e.day
                AND o.member_id = e.member_id AND o.act = 'click'
                AND o.at BETWEEN e.at - %(burst)s * interval '1 second' AND e.at + %(burst)s * interval '1 second'
        ) >= (
            SELECT LEAST(%(links)s, GREATEST(2, count(*))) FROM campaigns_link l
            WHERE l.tenant_id = e.tenant_id AND l.campaign_id = e.campaign_id)
        AND NOT EXISTS (
            SELECT FROM campaigns_webevent a
            WHERE a.tenant_id = e.tenant_id AND a.campaign_id = e.campaign_id AND a.day = e.day
                AND a.member_id = e.member_id AND a.visitor = e.visitor AND a.act IN ('seen', 'stay'))
    RETURNING e.tenant_id, e.campaign_id, e.member_id, e.day
), summed AS (
    SELECT tenant_id, campaign_id, member_id, day, count(*) AS requests FROM scanned GROUP BY 1, 2, 3, 4
), noted AS (
    INSERT INTO campaigns_filtered AS f (tenant_id, id, campaign_id, member_id, day, why, slot, requests)
    SELECT tenant_id, (%(stem)s || to_hex(4294967296 + row_number() OVER ()))::uuid, campaign_id, member_id, day,
        'scanner', 0, requests FROM summed
    ON CONFLICT (tenant_id, campaign_id, why, day, member_id, slot) DO UPDATE SET requests = f.requests + EXCLUDED.requests
)
UPDATE campaigns_member m SET filtered = 'scanner' FROM summed s
WHERE m.tenant_id = s.tenant_id AND m.id = s.member_id AND m.filtered = '' AND m.opened_on IS NULL
"""

# What is left was people. A visit is one visitor of one link on one day, whatever they did there. Reads a slice of events; writes their
# verdict, the partner's day, the sums of the link and of the member. A link's partners grow by those it has no day of: the days of this
# statement are not seen by it. Returns how many events were settled, and of which campaigns.
SETTLE = """
WITH slice AS MATERIALIZED (
    SELECT e.tenant_id, e.id, e.campaign_id, e.link_id, e.member_id, e.day, e.visitor, e.act,
        row_number() OVER (
            PARTITION BY e.campaign_id, e.member_id, e.link_id, e.day, e.visitor, e.act = 'open' ORDER BY e.at, e.id) AS place
    FROM campaigns_webevent e WHERE e.verdict = '' AND e.at < %(until)s ORDER BY e.at LIMIT %(most)s
), judged AS (
    UPDATE campaigns_webevent e SET verdict = CASE
        WHEN s.act = 'open' THEN 'open'
        WHEN s.place > 1 OR EXISTS (
            SELECT FROM campaigns_webevent o
            WHERE o.tenant_id = s.tenant_id AND o.campaign_id = s.campaign_id AND o.day = s.day
                AND o.member_id IS NOT DISTINCT FROM s.member_id AND o.link_id IS NOT DISTINCT FROM s.link_id
                AND o.visitor = s.visitor AND o.verdict = 'yes') THEN 'same'
        ELSE 'yes' END
    FROM slice s WHERE e.tenant_id = s.tenant_id AND e.id = s.id
    RETURNING e.tenant_id, e.campaign_id, e.link_id, e.member_id, e.day, e.verdict
), fresh AS (
    SELECT j.tenant_id, j.campaign_id, j.link_id, m.partner_id, j.day, count(*) AS visits
    FROM judged j JOIN campaigns_member m ON m.tenant_id = j.tenant_id AND m.id = j.member_id
    WHERE j.verdict = 'yes' AND j.link_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5
), days AS (
    INSERT INTO campaigns_webday AS d (tenant_id, id, campaign_id, link_id, partner_id, day, visits)
    SELECT tenant_id, (%(stem)s || to_hex(4294967296 + row_number() OVER ()))::uuid, campaign_id, link_id, partner_id, day, visits
    FROM fresh
    ON CONFLICT (tenant_id, link_id, partner_id, day) DO UPDATE SET visits = d.visits + EXCLUDED.visits
), added AS (
    SELECT j.tenant_id, j.link_id, count(*) AS visits,
        (SELECT count(DISTINCT f.partner_id) FROM fresh f
         WHERE f.link_id = j.link_id AND NOT EXISTS (
            SELECT FROM campaigns_webday w
            WHERE w.tenant_id = f.tenant_id AND w.link_id = f.link_id AND w.partner_id = f.partner_id)) AS partners
    FROM judged j WHERE j.verdict = 'yes' AND j.link_id IS NOT NULL GROUP BY 1, 2
), links AS (
    UPDATE campaigns_link l SET visits = l.visits + a.visits, partners = l.partners + a.partners
    FROM added a WHERE l.tenant_id = a.tenant_id AND l.id = a.link_id
), people AS (
    SELECT tenant_id, member_id, min(day) AS first, max(day) AS last,
        count(*) FILTER (WHERE verdict = 'open') AS opens, count(*) FILTER (WHERE verdict = 'yes') AS pages
    FROM judged WHERE member_id IS NOT NULL GROUP BY 1, 2
), members AS (
    UPDATE campaigns_member m SET
        opened_on = LEAST(m.opened_on, p.first), opens = m.opens + p.opens, pages = m.pages + p.pages,
        came_on = CASE WHEN p.pages > 0 THEN LEAST(m.came_on, p.first) ELSE m.came_on END,
        last_on = GREATEST(m.last_on, p.last), filtered = ''
    FROM people p WHERE m.tenant_id = p.tenant_id AND m.id = p.member_id
)
SELECT count(*), array_agg(DISTINCT campaign_id) FROM judged
"""

# Days that are over: what was filtered becomes sums by campaign and reason, and members whose wish it was are remembered as such.
FOLD = """
WITH gone AS (
    DELETE FROM campaigns_filtered f WHERE f.id IN (
        SELECT id FROM campaigns_filtered WHERE day < %(today)s ORDER BY campaign_id, why LIMIT %(most)s)
    RETURNING f.tenant_id, f.campaign_id, f.member_id, f.why, f.requests
), marked AS (
    UPDATE campaigns_member m SET filtered = 'wish' FROM gone g
    WHERE m.tenant_id = g.tenant_id AND m.id = g.member_id AND g.why = 'wish' AND m.opened_on IS NULL
), summed AS (
    INSERT INTO campaigns_filteredtotal AS t (tenant_id, id, campaign_id, why, requests)
    SELECT tenant_id, (%(stem)s || to_hex(4294967296 + row_number() OVER ()))::uuid, campaign_id, why, sum(requests)
    FROM gone GROUP BY tenant_id, campaign_id, why
    ON CONFLICT (tenant_id, campaign_id, why) DO UPDATE SET requests = t.requests + EXCLUDED.requests
)
SELECT count(*) FROM gone
"""
