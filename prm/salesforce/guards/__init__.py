"""What must not happen without a person: mass changes, and fields that two systems rewrite for ever.

`rules.py` has the thresholds' meaning, `models.py` the settings of a tenant and what waits; the runs look for mass
changes (`runs/masses.py`), the engine for loops, and people decide in the room `breakers`.
"""
