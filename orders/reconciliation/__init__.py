"""Reconciliation: source = portal = Salesforce, per source, day and currency, to the penny, and why not.

`service.declare` takes control totals of a source, `service.refresh` counts days anew, `service.sign` and
`service.reopen` say that a difference is explained or is not. `queries` answers the pages, the API, the command
`reconcile` and the mail. The sums are of `sql.py`, set-based; what they mean is in `rules.py`, which is pure:

- *source*: what the source declares for the day (a control total), or else what it sent: orders here and rejected rows;
- *here*: orders that stand (not cancelled), by the day of the tenant's calendar they were placed on;
- *Salesforce*: those of the same orders that count there (closed won), with their amounts there, as last read.

A credit note counts as an order of its own, as in the control totals of files. Source and here are compared in the
currency of the orders, here and Salesforce in the tenant's, by which orders are added up there. What of Salesforce is
asked, the database's functions answer (`prm/salesforce/counting/sql.py`). `spans.py` says of which
days, `telling` writes them for the page, as JSON and lines, and by mail. `reading.py` reads control totals from a table,
`rejected.py` says of which day a rejected row is.
"""
