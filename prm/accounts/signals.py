"""What this app tells the apps above it without knowing them."""

from django.dispatch import Signal

# Sent in the tenant's scope, before the acceptance is final; `invitation` and `member` are the arguments. A
# receiver that raises `Refused` undoes it.
invitation_accepted = Signal()
