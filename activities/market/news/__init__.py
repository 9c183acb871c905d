"""News of the competition: what a rep or a manager should hear of, each thing once.

Called from outside: `queries.news_for` (a rep's), `queries.news_since` (everybody's, for managers and digests),
`service.look` (finds what is new; a task does so every hour).
"""
