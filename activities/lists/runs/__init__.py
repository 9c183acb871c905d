"""Runs: a list is read, looked at, decided about, written, and can be taken back.

`service` is the door: every step of a run, for pages, API, command and tasks alike. Inside, `planning` reads a file into
rows with what each would do (`twins`: those of one file that mean the same), `writing` writes them in slices, `returning` takes them back, `outcomes` says what a match
makes of a row, and `presentation` draws how far a run is. Rows are kept with what they were before, so that a run can be taken back and its
file of rejects loads again.
"""
