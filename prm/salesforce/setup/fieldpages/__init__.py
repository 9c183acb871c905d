"""The pages and the API of the field mapping: a row, a value, a constant, a file, the dry run, versions.

They call `prm.salesforce.fieldmap`, and what takes longer is an errand of `prm.salesforce.setup`.
"""
