"""What an administrator has turned on for the whole organisation: state and country picklists, several currencies, person accounts.

Kept with the data. `models.py` turns each on and off: fields come and go, and the rules in `records/` do as the fields say.
"""
