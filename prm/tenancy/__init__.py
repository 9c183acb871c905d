"""The walls between tenants, and nothing else. README.md is the contract.

Others open a scope (`context`), derive models (`base`, `audited`), write commands (`commands`) and tasks
(`tasks`), say which right a use case needs (`use_cases`), and make tenants (`service`). The
tenant itself stands in `tenant`, which imports nothing here, so that the scope can name it.
"""
