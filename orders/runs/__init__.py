"""Imports: one run takes one or more inputs of a source, in one transaction, and accounts for every line.

Others may call `service` (open, receive, start, stop, settle runs), `execution.execute` (run one here and
now) and `result` (the accounting).
"""
