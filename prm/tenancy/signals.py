"""What the core tells the apps without knowing them."""

from django.dispatch import Signal

# Sent inside the new tenant's scope; `tenant` is the argument. Apps make their defaults here.
tenant_created = Signal()

# Before an organisation is filled with sample data, and before it is connected to another system. Who cannot bear it
# raises `Refused`: what is only shown must not reach what is real.
sample_filling = Signal()
system_connecting = Signal()
