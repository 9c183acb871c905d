"""Set-based look-ups of referral codes for apps that bring many of them at once."""

from django.db import connection

from prm.tenancy.context import current_tenant

# Reads partners_referralcode and the staged codes; writes the partner of each staged code that has one.
_MATCH_CODES = """
UPDATE pg_temp.{staged} s SET partner_id = r.partner_id
FROM partners_referralcode r
WHERE r.tenant_id = %(tenant)s AND r.normal = s.normal AND s.partner_id IS NULL
"""


def match_codes(staged: str) -> int:
    """Fill in whose each staged referral code is; return how many were found.

    `staged` names a temporary table with `normal text COLLATE "C"` (a code in normal form) and
    `partner_id uuid`; rows that have a partner already are left alone, and codes that are nobody's
    stay NULL.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MATCH_CODES.format(staged=staged), {"tenant": current_tenant().pk})
        found: int = cursor.rowcount
    return found
