"""The ways in. Every package in this folder is one door and declares it as `DOOR` in its `door.py`.

A door turns what comes in (a file, a request) into cells, rows of text by column, and hands them to
`orders.ingest`; it knows its own form, schedule and credentials, and nobody else knows its format.
`base` says what a door is, `forms` what their forms have in common, `registry` finds them at the start.
Others may call `registry`, and what a door's own docstring names.
"""
