"""Rejected lines: kept with reason and content until somebody corrects, retries or dismisses them.

Others may call `service` (every change, and lines as CSV) and use `models`. Why a line is rejected is said by
`orders.ingest.states.RejectReason`.
"""
