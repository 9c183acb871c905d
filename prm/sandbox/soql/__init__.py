"""SOQL: text to a tree by a grammar, tree to SQL with the checks Salesforce makes.

Other rooms call `parser.parse` and `compiler.Compiler`. Not modelled: child subqueries, TYPEOF,
polymorphic parent paths, `FIELDS()`, aliases of objects.
"""
