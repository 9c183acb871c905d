"""What Salesforce shows us of each object: which of our fields are there and may be written, and what rests since when.

The engine asks `looking.Shapes` for the mappings as they can be kept in step at present (`rules.effective`); pages and
API ask `queries.rests`. `looking.py` is how and when it is looked. What follows for records is the engine's business.
"""
