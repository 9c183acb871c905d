"""What every floor stands on: clock, calendar, ids, errors, money, numbers, days, CSV, locks, registries, the way out.

No models, and nothing of ours is imported. Each module is the one home of its rule and may be used by all.
"""
