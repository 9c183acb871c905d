"""Records on their way in and out: inserts, updates, deletes with Salesforce's rules in its order.

Other rooms open a `Writer` from `Writers` for each call, and ask `lookup` for a record.
"""
