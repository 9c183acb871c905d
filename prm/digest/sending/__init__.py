"""A digest goes once for each person and day, and not when nothing needs them.

`models` keeps who was written to, `mail` writes, `service` claims and sends, `queries` says who is due. README.md has
the reasons.
"""
