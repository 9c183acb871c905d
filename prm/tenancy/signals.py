"""What the core tells the apps without knowing them."""

from django.dispatch import Signal

# Sent inside the new tenant's scope; `tenant` is the argument. Apps make their defaults here.
tenant_created = Signal()
