"""A list as rows of values: a file of any form (CSV, XLSX, ODS, also in ZIP and gzip), by the readers of `orders.doors.files`.

Others call `table.look` (what a file is) and `table.chunks_of` (its rows), `columns.guess`, `readings.readings_of` (how
dates and numbers are written, proved over the whole column) and `values.Reader` (cells become values). Nothing here
writes, and what no column is chosen for is never kept.
"""
