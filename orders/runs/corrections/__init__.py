"""Rejected rows that come again, from their file or as a person corrected them: an import that adds them to their orders.

Others may call `bring` (what would become of rows, and how to say which are corrected alike).
"""
