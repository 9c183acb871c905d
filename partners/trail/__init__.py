"""What of this app a line of the audit trail offers to take back, or why it does not: `audit_undos.py`."""
