"""Records that are in Salesforce already, and whom of ours each of them is.

Others call `queries` (what waits for a person, what may pass a duplicate rule) and `duplicates.note`, by which a record
that a duplicate rule stops becomes a case to decide, and `undoing`, by which a run takes links back. Reading, deciding and the pages are in `prm.salesforce.adoption`.
"""
