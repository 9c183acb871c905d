"""What starting a connection would do, before it does it.

Others call `trying.try_start`, which reads and writes nothing there, and `outcome.Outcome`, what it found (`outcome.py`).
`checks.py` says which records an organisation would refuse by what it tells of its fields.
"""
