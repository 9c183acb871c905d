"""The one path on which orders come in: read, stage, merge, roll up. Every door ends here.

Others may call `service.take` (take lines), `service.rules_for`, `forecast.forecast` (what an import would do),
`merging.merge.lock_orders` and `merging.months.recompute_months` (for answers that move orders between
partners), and use `cells` (what a door hands over), `errors`, `states` and `memory` (of the process). The map is in README.md.
"""
