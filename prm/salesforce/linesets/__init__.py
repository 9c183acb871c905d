"""Which records have line items there, and of which they are to be compared.

`models.py` has `mark` (the planner says that a record was looked at), `with_items` (whose amount Salesforce adds up) and
`has_work`. What is sent is the business of `prm.salesforce.products`.
"""
