"""What is kept how long: a tab of the settings that gathers it from all apps.

An app says in its `kept_data.py` (`KEPT`) what of its data goes when, as `registry.Kept`; where the organisation decides,
with the page that changes it.
"""
