"""Members of a campaign's waves: brought in one by one, by a filter of the list of partners, or by a file; their letters, attendance.

Called from outside: `service`. `sql` has the set-wise statements, `letters` the links of each member as a file for whoever sends (`models` has the one that a worker writes),
`listed` what the list of partners shows for a query, `bulk_actions` a selection of it that joins.
"""
