"""People at a partner: whom one asks for, and whom one met.

Others call `service` (every write) and the reads of `models`; `bringing` says how lists of them are brought. A partner has any number of
contacts, at most one of them is preferred; a visit can name the contact whom it was with. `salesforce` maps them to the contacts of the
partner's account: `names` divides a name as it is divided there, `evidence` says whom of ours somebody there is, and `persons`
what a partner has there whose kind is kept as person accounts.
"""
