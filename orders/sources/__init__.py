"""Order sources: one system each that sends orders, and how its files are to be read.

Others call `service.find_source`, `service.save_source` and `service.load_source`, read `OrderSource` and
its `rules`, ask `queries`, and take field names and settings from `spec`. Doors say in `kinds` which kinds of sources
there are; the room knows no door and no order. `date_formats` says which formats read a date in one way,
`rows` which rows are left out and which one declares totals. `credits` is how shared credit is
written as one text, `named` what settings name that is known elsewhere.
"""
