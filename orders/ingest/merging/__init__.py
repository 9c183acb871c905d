"""From staged lines to orders, set-wise, in one transaction and under the tenant's order lock.

`merge` runs the steps in their order for a `batch`: `compare` (what is new, what differs), `attribute` (whose
orders they are; `adding` for sources whose files bring parts of orders), `write` (orders, lines, products, rejected
lines), `months` (partner-months of what changed) with `sharing` (credit that is shared: by which rule, and whose
months). `sql` and `parts_sql` hold the statements.
"""
