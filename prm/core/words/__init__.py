"""Words of names, by which rows are found as a person types: `tables` has the SQL and the triggers that keep them,
`unseen` the characters that nobody sees and the form in which texts are compared.
"""
