"""Sample data: partners, orders and visits to look around with, filled by the apps' `demo.py` and removed again.

The audit trail says which rows were filled (`models.SampleRow` keeps it): they are removed, and nothing else. Apps that
have to do more before or after are told by `signals`. Others ask `queries.own_rows` for what is not sample data.
"""
