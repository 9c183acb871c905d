"""Views of the list of partners that somebody has saved, for themselves or for everybody here.

A view is a name for what an address asks for: filters, columns, groups, order. `rules.canonical` says which part of
an address that is. The list itself is drawn by `profiles`.
"""
