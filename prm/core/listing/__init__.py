"""Lists that are cut into pages, walked to their end or written to a file.

- `ordering`: an order that always ends with a unique key, and the rows after a place in it
- `streaming`: many rows, a few thousand at a time
"""
