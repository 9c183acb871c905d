"""Imports: one run takes one or more inputs of a source, in one transaction, and accounts for every line.

Others may call `service` (open, receive, start, stop, settle runs), `execution.execute` (run one here and
now) and `result` (the accounting). Beside them: `progress` (noted by a second connection while a run runs),
`preview` (what its page shows before the start) with `questions` and `bar`, `kept` (a preview as its run keeps it),
`presentation` (how far a run is).
`sent` is the API of all this; `corrections` brings rejected rows again, `undo` takes a run back.
"""
