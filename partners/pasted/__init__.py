"""A column pasted from a spreadsheet, of names, codes or e-mail addresses, as a filter of the list of partners.

Others call `service.paste` and `queries.pasted`. Whom a line means is told by `evidence`.
"""
