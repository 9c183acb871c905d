"""Connecting a tenant to its organisation, and making there what the mappings need.

The door is `service.py`: `connect`, `set_up`, `pause`, `resume`, `disconnect`. Pages have `errands` do what talks to
Salesforce, in the background and with progress; `needs` says what the mappings need there, `organisation` makes it,
`source` writes it as files to be deployed, `by_hand` says what to click.
"""
