"""People at a partner: whom one asks for, and whom one met.

Others call `service` (every write) and the reads of `models`; `bringing` says how lists of them are brought. A partner has any number of contacts, at most one of them
X can name the contact whom it was with.
"""
