"""Words of names, by which rows are found as a person types: `tables` has the SQL and the triggers that keep them."""
