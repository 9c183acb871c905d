"""The digest: a mail, daily or weekly, of what needs a person, in their own time zone.

Knows no word of the domain. An app says in its `digest_topics.py` what it has to tell, as `TOPICS` of
`lines.registry.Topic`, and what may be done from the mail itself, as `ACTS` of `lines.registry.Act`.

Rooms: `choices` (how often, when, of what: a person's and the organisation's), `lines` (what needs somebody),
`sending` (once for each person and day), `links` (what the links of a mail do), `pages`. Called from outside: `lines.registry`.
"""
