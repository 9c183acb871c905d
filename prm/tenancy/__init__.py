"""The walls between tenants, and nothing else. README.md is the contract.

Others open a scope (`context`), derive models (`base`, `audited`), write commands (`commands`) and tasks
(`tasks`), and make tenants (`service`).
"""
