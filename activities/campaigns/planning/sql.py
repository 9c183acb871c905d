"""Set-wise statements about campaigns."""

# Takes all members of a draft away, of whom nothing was seen: reads and writes members alone, whatever their number.
REMOVE_MEMBERS = "DELETE FROM campaigns_member WHERE tenant_id = %(tenant)s AND campaign_id = %(campaign)s"
