"""Opportunities in Salesforce: which of those there are ours, and how both are kept in step.

`salesforce.OPPORTUNITY` is the mapping, which the app declares; `evidence.recognise` finds ours among those that are there.
"""
