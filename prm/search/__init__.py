"""Search and jump: where is a partner, a code, an order, a page; from one field, by keyboard and thumb.

Knows no word of the domain. An app says in its `search.py` what can be found in it, as a list `SEARCHES` of
`registry.SearchSource`; each is asked only for those who have its right, and answers from indexes alone.
`marks` finds the letters that match; `context` tells every page whether its reader may search; `pages` is this
room's own contribution, the entries of the menu. Called from outside: `registry`.
"""
