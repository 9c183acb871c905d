"""Call plans: visits intended per partner and period, who is due, and how well panels attain them.

Called from outside: `service`, `queries`, `rules` (pure), and for views `about_partner`, which asks
first whom a form is about. `partner_tables` says what becomes of plans when partners are merged.

`review_evidence.py` puts visits beside a proposal of a tier, `bulk_actions.py` gives many partners one plan from their list.
"""
