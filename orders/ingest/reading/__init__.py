"""From cells to grouped lines, in Python and without a database.

`texts`, `numbers` and `dates` read single cells, `rules` says how for each field of a source; `lines` makes
lines of judged cells, `rejecting` keeps what cannot be stored, `intake` takes whole tables, and `group` puts
the lines of one order together and hashes them.
"""
