"""The battle card of a competitor: what to say against them, filled from what was logged.

Managers write the line at its head; each version stays (`BattleLine`). Called from outside: `service`, `queries.card`.
"""
