"""The list of visits: its table and its page."""
