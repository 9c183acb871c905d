"""What a policy would do before it does it: proposed bands, who would move, past quarters replayed, the past explained.

`queries` answers for all partners of the tenant at once, by the very functions that compute standings, so that what is
shown is what then happens; `service.propose` drafts a policy from the tenant's own distribution. `explaining` says why a
tier was what it was on a day; `files` reads a policy from a file; `trying` makes one that is not kept; `words` says it,
and `drawing` draws the distribution.
"""
