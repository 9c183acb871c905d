"""The REST kit: who calls (`callers`), strict JSON (`parsing`), fields, pages of results, problem details, schema.

Each app's views stand on it (`views`); there is no view of an app here.
"""
