"""What other apps are asked about runs."""

from django.dispatch import Signal

# Sent before a run that is done is taken back, and by the page that offers it; keyword arguments: `leaving` (a queryset of
# the orders that would go). Receivers return a list of `orders.runs.undo.Hindrance`: what of theirs rests on these orders.
orders_leaving = Signal()
