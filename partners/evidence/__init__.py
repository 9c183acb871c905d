"""Whom a row of a list means among the partners: by codes, NPI, tax id, e-mail, phone, and name with city.

Others call `queries.recognise` (many rows at once) with `rules.Clues`, and say what came of it as `rules.Verdict`: one
partner for certain, some to decide between, or nobody. `columns` declares the columns by which any list names a
partner, `members` and `organisations` find staff and organisations by what a list calls them. `details` declares
the columns that say what a partner is itself. `likeliest` chooses among what belongs to a partner (people, opportunities).
Inside, `keys` gives the forms in which e-mail addresses, phones and names are compared, `rules` weighs.

Only exact evidence makes certain; names that are merely alike are a question. Nothing here writes.
"""
