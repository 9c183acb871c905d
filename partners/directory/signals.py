"""What the partners app tells apps it must not know."""

from django.dispatch import Signal

# Sent inside the transaction after a referral code was given to a partner; keyword arguments:
# `code` (the ReferralCode). Orders waiting for it can be tied.
code_added = Signal()
