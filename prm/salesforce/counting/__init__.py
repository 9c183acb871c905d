"""What is in Salesforce, counted and added up by day, and read record by record where it is not as known.

Of a mapping that says how it is counted (`Mapping.sums`). Counting writes nothing there and changes nothing that the
engine agreed on: what it sees goes into `models`. Other apps may send the task `salesforce.count_there` and ask the
database's functions `prm_records_there`, `prm_unsent`, `prm_held`, `prm_counted_there` and `prm_connection`
(`sql.FUNCTIONS` says what each answers), since no app may name another one's tables.
"""
