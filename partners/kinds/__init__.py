"""Kinds of partner: the tenant's own list, with which of them are regulated and which others belong to.

Others ask `queries` (words, choices, `is_regulated`, `organisation_keys`) and `service.check_kind`; a partner's row
holds the key of its kind, which never changes and is never removed: a kind that is put away is offered to nobody new.
`words` says what the portal of each shows.
"""
