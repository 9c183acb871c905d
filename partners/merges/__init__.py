"""Two partners that are one: merging them, what moved, and taking it back.

Others call `service` (every write), `queries` (what would move, into whom somebody was merged) and
`registry`, where each app says in its `partner_tables.py` which of its tables name partners and what becomes of
their rows. A merge keeps which rows it moved; undoing it brings exactly these back.
`large` does what moves very many rows in the background, `rehearsal` says which score would follow.
`words` say a merge in words; `triggers` send on what comes late for somebody merged, `checks` sees that they are there.
"""
