"""Fields that a tenant adds to its records: to partners, visits, orders. Text, number, date or choice.

A field is defined once (`service`), under a key that stays. Its values lie in a table of their own for each kind of record,
typed, one row a value (`values.OwnValue`): under row-level security an index serves only plain comparisons of a column,
so that a document per record would be read from end to end by each filter. Numbers are kept as whole ten-thousandths
for the same reason: PostgreSQL passes no comparison of `numeric` to an index below a policy.

The app that owns a record says so in its `own_fields.py` (`OWN_RECORDS`), keeps the table, and writes by `values.write`
inside its own services, whose right is asked there. Others ask `queries.fields_of(tenant, of)` for the fields, and
`values.values_of` for what many records have; the mapping to Salesforce names them by the same two.
"""
