"""The one way out: every connection that PRM opens to another machine on behalf of a tenant.

Whoever speaks HTTP uses `session.OutgoingSession`. Whatever the address, and whoever gave it (a person, a
server's answer, a redirect), these hold: the name is resolved once, every address that is not on the public
internet is passed over (`addresses.py`; `OUTGOING_ALLOWED` names exceptions), and the connection is made to
the very address that was checked. Redirects are never followed. Times are total times, answers have a largest
size (`session.py`, `connections.py`). What goes wrong is said in our own words (`errors.py`), never in those
of the other side. A proxy or netrc file of the environment is not asked: a proxy would resolve names anew.

`tests/core/outgoing/test_only_way_out.py` keeps every other module from opening connections.
"""
