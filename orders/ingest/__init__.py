"""The one path on which orders come in: judge, group, stage, merge, roll up. Every door ends here.

Others may call `service.take` (take lines), `service.rules_for`, `forecast.forecast` (what an import would do),
`months.recompute_months` and `merge.lock_orders` (for answers that move orders between partners). The map is
in README.md.
"""
