"""What the partners app tells apps it must not know."""

from django.dispatch import Signal

# Sent inside the transaction after a referral code was given to a partner; keyword arguments:
# `partner_id` (UUID) and `normal` (the normal form). Orders waiting for that code can be tied.
code_added = Signal()
