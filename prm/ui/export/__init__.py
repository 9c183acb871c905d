"""Lists as files for spreadsheets: CSV and workbooks (XLSX), with what a list shows and nothing else.

- `cells`: what may stand in a cell, with its type
- `csv_file` and `workbook`: the two formats
- `answers`: which one an address asks for (`?export=csv`, `?export=xlsx`), and the answer
"""
