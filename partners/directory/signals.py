"""What the partners app tells apps it must not know."""

from django.dispatch import Signal

# Sent inside the transaction before the codes of partners change, without arguments: whoever must not have them
# change meanwhile takes the lock here, and so before any row is written. Locks are taken in one order only.
codes_changing = Signal()

# Sent inside the transaction after a referral code was given to a partner; keyword arguments:
# `code` (the ReferralCode). Orders waiting for it can be tied.
code_added = Signal()

# The same of many codes at once; keyword arguments: `codes` (a list of ReferralCode).
codes_added = Signal()
