"""From cells to grouped lines, in Python and without a database.

`texts`, `numbers`, `dates` and `identifiers` read single cells (`months` knows their names in the CLDR's languages),
`rules` says how for each field of a source; `above` fills cells that stand in the row above; `sifting` takes out rows
that are no lines to be taken; `composing` puts several columns together; `lines` makes lines of judged cells,
`rejecting` keeps what cannot be stored, `intake` takes whole tables, and `group` puts
the lines of one order together and hashes them. `crediting` puts together who shares
the credit of an order; `written` writes staged values as cells again.
"""
