"""The audit trail as people read it: who changed what, by which door, before and after; how long it is kept.

The trail itself is written by the database (`prm.tenancy.audit`): one table of events per kind of row. `trail` reads it,
`keeping` says for how long, `pages` shows it. Other apps call `pages.views.history`, and say words in `audit_words.py`.
"""
