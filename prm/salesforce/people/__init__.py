"""Salesforce's users, and which of them stands for each member here. The lowest room: the mapping reads it.

`models` what is known, `rules` who is whom by e-mail (pure), `queries.in_force` what the mapping needs of it,
`service.note_inactive` what a refusal tells. What people choose: `prm.salesforce.owners`.
"""
