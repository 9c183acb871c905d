"""Mass changes of the sync that wait for a person: the list, approving, refusing, and from how many records on.

The door is `service.py`: `approve`, `refuse`, `set_rules`. What is decided is carried out by the next run
(`runs/masses.py`).
"""
