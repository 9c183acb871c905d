"""The forecast: what will come of open budgets, when, and how far a person's and the tenant's budgets can be believed.

Called from outside: `report.forecast` (all figures, for page, API and command), `rules` (pure).
"""
