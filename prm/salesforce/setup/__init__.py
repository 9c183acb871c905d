"""Connecting a tenant to its organisation, and making there what the mappings need.

The door is `service.py`: `connect`, `set_up`, `pause`, `resume`, `disconnect`.
"""
