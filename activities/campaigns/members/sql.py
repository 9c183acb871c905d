"""Set-wise statements about members."""

# Reads the partners' ids it is given. Writes a member for each that is none yet, its coin tossed: the first 60 bits of the SHA-256 of
# seed and partner's id, held out below the bound (`planning.rules.is_held_out` in SQL). Ids count up from a stem (`prm.core.ids`).
ADD = """
INSERT INTO campaigns_member (
    tenant_id, id, campaign_id, wave_id, partner_id, contact_id, "group", reach, filtered, opens, pages, created_at)
SELECT %(tenant)s, (%(stem)s || to_hex(4294967296 + row_number() OVER ()))::uuid,
    %(campaign)s, %(wave)s, one.partner_id, one.contact_id,
    CASE WHEN ('x' || left(encode(sha256(convert_to(%(seed)s || one.partner_id::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint
        < %(bound)s THEN 'held' ELSE 'sent' END,
    '', '', 0, 0, now()
FROM unnest(%(partners)s::uuid[], %(contacts)s::uuid[]) AS one (partner_id, contact_id)
ON CONFLICT DO NOTHING
"""

# Tells a slice of a campaign's members whether the coins of their wave are tossed: Salesforce learns of each member from the row itself,
# so that a start writes nothing by the number of members. The slice is found once and first: as the other side of a join it would be found
# anew for every member of a list that the database has not looked at yet.
TELL = """
WITH slice AS MATERIALIZED (
    SELECT o.id FROM campaigns_member o JOIN campaigns_wave w ON w.tenant_id = o.tenant_id AND w.id = o.wave_id
    WHERE o.tenant_id = %(tenant)s AND o.campaign_id = %(campaign)s AND o.is_drawn <> (w.drawn_at IS NOT NULL)
    ORDER BY o.id LIMIT %(most)s FOR UPDATE OF o)
UPDATE campaigns_member m SET is_drawn = NOT m.is_drawn FROM slice s WHERE m.tenant_id = %(tenant)s AND m.id = s.id
"""
