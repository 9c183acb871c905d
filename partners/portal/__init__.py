"""What a partner sees of their own, and who signs in for which partner.

Others call `access.partner_of` (who is asking), `service.grant_access` and `service.invite`.
"""
