"""Opportunities: future business with an expected amount and day, and how both change.

Called from outside: `service` (every write, with its inputs), the QuerySets of `models`,
`presentation.budget_change`.
`revising`: how a locked opportunity changes, before it is saved. In it `products`: what is for which product, where one
opportunity is about several.
"""
