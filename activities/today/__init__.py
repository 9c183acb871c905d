"""Today: whom a rep is to see, who is slipping, what was promised, and what is new.

Called from outside: `views.today_fragments`, the parts of the page that a save elsewhere changes.
`digest_topics.py` is what the digest tells of the same.
"""
