"""Campaigns as people plan them: goal, dates, money, waves of members with their coins, and the addresses that links may lead to.

Called from outside: `service` (every write), `queries`, the QuerySets of `models`, `rules` (coins, addresses: pure). `adding` puts many
members in set-wise, `revising` is how a locked campaign changes, `tokens` makes and reads what stands behind `/c/`.
"""
