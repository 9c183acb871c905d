"""How work is cut and shared out. No database, no clock."""

from datetime import timedelta
from typing import Final

from django.conf import settings

from prm.tenancy.work.states import Queue

# Work that can be cut lets others have their turn after about so long.
SLICE_SECONDS: Final = 1.0
# A worker that is not heard of for so long is dead, and its work is taken by another.
LEASE_SECONDS: Final = 30
RENEW_SECONDS: Final = 10.0
# Work that ended with its worker so often is given up: it may be what kills the workers.
MOST_ATTEMPTS: Final = 5
# Work that met a database in trouble is tried again after so long.
PAUSE: Final = timedelta(seconds=30)
# Pieces of one tenant, queue and size that run at once.
TENANT_AT_ONCE: Final = {Queue.INTERACTIVE: 2, Queue.IMPORTS: 1, Queue.SYNC: 1, Queue.NIGHTLY: 1}
# The sync mostly waits for Salesforce's answers.
_LARGE_SHARE: Final = {Queue.SYNC: 3}


def large_at_once(queue: Queue) -> int:
    """Return how many large pieces of a queue run at once, on the whole installation."""
    return int(settings.LARGE_AT_ONCE) * _LARGE_SHARE.get(queue, 1)
