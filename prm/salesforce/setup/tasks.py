"""Background work that people ask for on the pages of the connection."""

from __future__ import annotations

from prm.salesforce.setup import errands
from prm.salesforce.setup.models import Errand
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue


@tenant_task(name="salesforce.errand", scope="bound", queue=Queue.SYNC)
def errand(*, kind: str) -> None:
    """Connect, look what is missing, or set up."""
    errands.perform(Errand.Kind(kind))
