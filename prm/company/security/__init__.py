"""How people sign in to the organisation: whether it asks them for a second step, and who has one.

What they have is theirs, for all organisations (`prm.accounts.profile.security`); who lacks it is led to the own profile by
`prm.accounts.middleware`.
"""
