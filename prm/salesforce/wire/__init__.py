"""Speaks HTTP with a Salesforce organisation: time-outs, size limits, classified errors, SOQL. Knows no table.

Others call `client.Org`, `signin.sign_in`, `soql`, and catch what `errors` names.
"""
