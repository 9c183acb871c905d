"""Words of names, by which rows are found as a person types, and texts as they are compared.

`tables` has the SQL and the triggers that keep the words; `unseen` the characters that nobody sees.
"""
