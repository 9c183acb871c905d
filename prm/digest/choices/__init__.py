"""How often, when and of what somebody is told: the organisation's default, and each person's own choice.

Others call `queries.timing_of` and `service`.
"""
