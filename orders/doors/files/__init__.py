"""The door for files: CSV, XLSX and ODS, also in ZIP and gzip, uploaded or pasted by people or named on a command line.

Others may call `inputs` (a file as an input, files of a folder) and `uploads` (files kept until their
import is over); `door` declares it. Inside, `table` opens a file: `packed` unpacks archives and says what a ZIP file of several files holds, `encodings` says whether it
is written as its source says, `csv_rows`, `fixed_rows` or `workbook` (with `unpack` in a process of its own) give its rows, `columns`
finds its columns; `order` says in which order files are taken. `letters` and `layout` find out how a file is written
that nobody has described yet.
"""
