"""Connecting a tenant to its organisation, and making there what the mappings need.

The door is `service.py`: `connect`, `set_up`, `pause`, `resume`, `disconnect`. Pages have `errands` do what talks to
Salesforce, in the background and with progress; `organisation` is what a set-up does.
"""
