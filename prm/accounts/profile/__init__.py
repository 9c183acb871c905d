"""A person's own page: name, address, how numbers and dates are written, ways to sign in, open sessions.

`middleware` notes when a session was last used, `sessions` reads and ends them, `security` says which ways to sign
in are set up, `choosing` how people are found by typing, `parts` takes what other apps put on the page.
"""
