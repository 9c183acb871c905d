"""Own fields in the list of a kind of record: as columns, for sorting, and as filters.

`joining` reads the values with the records; `columns` and `filters` are made of the fields.
"""
