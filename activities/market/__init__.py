"""What the market does: business that is expected, and who else wants it.

`choosing` offers competitors and differentiators to fields in which one types. `partner_tables` says what becomes
of rows here when partners are merged, `money` what becomes of amounts when the company counts in another currency.
`digest_topics.py` is what the digest tells of them.
"""
