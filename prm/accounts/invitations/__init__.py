"""Invitations: how an address becomes a member, and how one without mail signs in again.

Others call `service.invite`, `service.revoke` and `sending.deliver`; `views.answer` is the page behind a link,
`links` makes and reads links.
"""
